"""Why two totals differ, and which way of counting gives a printed figure."""
