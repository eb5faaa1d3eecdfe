"""What can go wrong with a site's DNS server, by which people beyond one network are found."""

from lanchat.errors.front import DiscoveryError


class DnsError(DiscoveryError):
    """People on other networks cannot be looked for by DNS."""


class NoDnsDomain(DnsError):
    """No DNS domain for lanchat was found; whoever looks after the network knows its name."""


class DnsSilent(DnsError):
    """The DNS server does not answer; whoever it named stays on the list."""


class DnsRefused(DnsError):
    """The DNS server does not say who is there; its administrator has to allow that."""


class RegistrationRefused(DnsError):
    """The DNS server does not let this computer register; its administrator may allow it."""


class DnsNonsense(DnsError):
    """The DNS server answered with something that makes no sense."""


class DnsClock(DnsError):
    """The clocks of this computer and the DNS server differ by minutes; set the wrong one."""


class BadDnsKey(DnsError):
    """The file with the DNS key cannot be used."""


class ExposedDnsKey(DnsError):
    """Others on this computer can read the DNS key, and so change what the domain names."""
