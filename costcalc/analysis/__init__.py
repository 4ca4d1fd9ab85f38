"""Questions asked of a walked graph. Every answer is plain rows."""
