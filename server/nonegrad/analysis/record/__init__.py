"""What is kept of a run: facts for the rules, rows of states, sightings for hovers."""
