"""The staff's part of the tour: visitors see nothing of it."""

from tests.stops import Leg, nothing

LEG = Leg(stops=(), furnish=lambda staff: nothing())
