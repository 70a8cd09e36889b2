"""Networks in files, ours and those of other libraries."""
