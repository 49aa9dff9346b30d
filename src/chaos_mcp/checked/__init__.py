"""Data that is checked as it is made: pydantic's core, without the rest of pydantic.

Experiments and events are models as pydantic's own are, and are refused with the same
errors. Only what their annotations mean is worked out here, in a hundredth of the time
that it takes to load the part of pydantic that can work out any annotation at all:
`chaos validate` is to be quick. Faults and probes, which others write, are pydantic's.
"""
