"""What people write: values along axes, amounts, budgets, columns, and the file of budgets. Text in, records out."""
