"""Starts the parts of the platform as child processes, keeps them running, and ends them."""

from nija.supervisor.part import Part
from nija.supervisor.supervising import Supervisor

__all__ = ["Part", "Supervisor"]
