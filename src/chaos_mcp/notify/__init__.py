"""What became of a run, told to people elsewhere: one file a channel.

Nothing is told unless somebody asks for it, nothing is told before all is put back, and
what could not be told changes no verdict.
"""
