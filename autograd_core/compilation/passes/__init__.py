"""From a program to a shorter or cheaper one."""
