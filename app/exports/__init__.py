"""Any list as a sheet: what the list shows to somebody is what its sheet holds for them, row by row."""
