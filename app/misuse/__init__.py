"""Unusual use of the product by somebody who is inside, or tries to be: noticed by a job, told to admins and auditors."""
