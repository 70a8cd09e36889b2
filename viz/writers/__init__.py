"""Files and pages: SVG, PDF, PNG, DOT, HTML and text."""
