"""What is shown: the recorded graph and its sweep as vertices and edges."""
