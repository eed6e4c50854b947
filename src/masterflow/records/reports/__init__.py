"""The report and the workbook of a programme."""
