"""How everything looks: themes, typefaces, and the markup of text in pictures."""
