"""What leaves the house: promised as a row, sent later, and never saying whose life it is about."""
