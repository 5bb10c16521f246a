from staff.models.known_network import KnownNetwork
from staff.models.sign_in_attempt import SignInAttempt

__all__ = ["KnownNetwork", "SignInAttempt"]
