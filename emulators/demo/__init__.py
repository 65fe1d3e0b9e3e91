"""Music to try the platform with: four short tracks, composed and synthesised here."""

from emulators.demo.releases import compose

__all__ = ["compose"]
