"""What is wrong with the claims that are judged wrong."""
