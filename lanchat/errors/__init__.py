"""Every error lanchat raises on purpose: one tree, in one place to import from.

`root.py` says what an error holds; the others are the branches.
"""

from lanchat.errors.front import (
    BadAdvert as BadAdvert,
)
from lanchat.errors.front import (
    BadInput as BadInput,
)
from lanchat.errors.front import (
    BadInvite as BadInvite,
)
from lanchat.errors.front import (
    BadPlace as BadPlace,
)
from lanchat.errors.front import (
    BadRequest as BadRequest,
)
from lanchat.errors.front import (
    BadWords as BadWords,
)
from lanchat.errors.front import (
    ControlLost as ControlLost,
)
from lanchat.errors.front import (
    DemoFailed as DemoFailed,
)
from lanchat.errors.front import (
    DiscoveryError as DiscoveryError,
)
from lanchat.errors.front import (
    LauncherError as LauncherError,
)
from lanchat.errors.front import (
    NetworkAway as NetworkAway,
)
from lanchat.errors.front import (
    NoDisplay as NoDisplay,
)
from lanchat.errors.front import (
    NoInvite as NoInvite,
)
from lanchat.errors.front import (
    NoMulticast as NoMulticast,
)
from lanchat.errors.front import (
    NoRandomness as NoRandomness,
)
from lanchat.errors.front import (
    NotForMenus as NotForMenus,
)
from lanchat.errors.front import (
    NotOnNetwork as NotOnNetwork,
)
from lanchat.errors.front import (
    NoToolkit as NoToolkit,
)
from lanchat.errors.front import (
    NotOurs as NotOurs,
)
from lanchat.errors.front import (
    NotRead as NotRead,
)
from lanchat.errors.front import (
    OutputLost as OutputLost,
)
from lanchat.errors.front import (
    PictureUnreadable as PictureUnreadable,
)
from lanchat.errors.front import (
    PortHeld as PortHeld,
)
from lanchat.errors.front import (
    PortTaken as PortTaken,
)
from lanchat.errors.peers import (
    AmbiguousPeer as AmbiguousPeer,
)
from lanchat.errors.peers import (
    CheckInterrupted as CheckInterrupted,
)
from lanchat.errors.peers import (
    CheckOver as CheckOver,
)
from lanchat.errors.peers import (
    CheckUnderWay as CheckUnderWay,
)
from lanchat.errors.peers import (
    NameTaken as NameTaken,
)
from lanchat.errors.peers import (
    NobodyThere as NobodyThere,
)
from lanchat.errors.peers import (
    NotReached as NotReached,
)
from lanchat.errors.peers import (
    OwnNameTaken as OwnNameTaken,
)
from lanchat.errors.peers import (
    PeerBlocked as PeerBlocked,
)
from lanchat.errors.peers import (
    PeerError as PeerError,
)
from lanchat.errors.peers import (
    PeerNotFound as PeerNotFound,
)
from lanchat.errors.peers import (
    PeerRefused as PeerRefused,
)
from lanchat.errors.peers import (
    PeerSilent as PeerSilent,
)
from lanchat.errors.peers import (
    PeerUnreachable as PeerUnreachable,
)
from lanchat.errors.peers import (
    TooManyChecks as TooManyChecks,
)
from lanchat.errors.peers import (
    UnconfirmedPeer as UnconfirmedPeer,
)
from lanchat.errors.peers import (
    VerificationFailed as VerificationFailed,
)
from lanchat.errors.protocol import (
    AuthenticationError as AuthenticationError,
)
from lanchat.errors.protocol import (
    BadKey as BadKey,
)
from lanchat.errors.protocol import (
    BadLength as BadLength,
)
from lanchat.errors.protocol import (
    BadPreface as BadPreface,
)
from lanchat.errors.protocol import (
    BadRecord as BadRecord,
)
from lanchat.errors.protocol import (
    Downgrade as Downgrade,
)
from lanchat.errors.protocol import (
    LocalProtocolError as LocalProtocolError,
)
from lanchat.errors.protocol import (
    MalformedPayload as MalformedPayload,
)
from lanchat.errors.protocol import (
    OtherVersion as OtherVersion,
)
from lanchat.errors.protocol import (
    OutOfTurn as OutOfTurn,
)
from lanchat.errors.protocol import (
    OversizedFrame as OversizedFrame,
)
from lanchat.errors.protocol import (
    PeerTooGreedy as PeerTooGreedy,
)
from lanchat.errors.protocol import (
    ProtocolError as ProtocolError,
)
from lanchat.errors.protocol import (
    ReachedOurselves as ReachedOurselves,
)
from lanchat.errors.protocol import (
    RemoteProtocolError as RemoteProtocolError,
)
from lanchat.errors.protocol import (
    SealBroken as SealBroken,
)
from lanchat.errors.protocol import (
    WrongPeer as WrongPeer,
)
from lanchat.errors.root import (
    LanchatError as LanchatError,
)
from lanchat.errors.root import (
    Unforeseen as Unforeseen,
)
from lanchat.errors.sentence import (
    Sentence as Sentence,
)
from lanchat.errors.sites import (
    BadDnsKey as BadDnsKey,
)
from lanchat.errors.sites import (
    DnsClock as DnsClock,
)
from lanchat.errors.sites import (
    DnsError as DnsError,
)
from lanchat.errors.sites import (
    DnsNonsense as DnsNonsense,
)
from lanchat.errors.sites import (
    DnsRefused as DnsRefused,
)
from lanchat.errors.sites import (
    DnsSilent as DnsSilent,
)
from lanchat.errors.sites import (
    ExposedDnsKey as ExposedDnsKey,
)
from lanchat.errors.sites import (
    NoDnsDomain as NoDnsDomain,
)
from lanchat.errors.sites import (
    RegistrationRefused as RegistrationRefused,
)
from lanchat.errors.store import (
    AlreadyRunning as AlreadyRunning,
)
from lanchat.errors.store import (
    BadPassphrase as BadPassphrase,
)
from lanchat.errors.store import (
    NoPassphrase as NoPassphrase,
)
from lanchat.errors.store import (
    NoProfile as NoProfile,
)
from lanchat.errors.store import (
    NotEnoughMemory as NotEnoughMemory,
)
from lanchat.errors.store import (
    NotPrivate as NotPrivate,
)
from lanchat.errors.store import (
    ProfileExists as ProfileExists,
)
from lanchat.errors.store import (
    ProfileLocked as ProfileLocked,
)
from lanchat.errors.store import (
    StoreDamaged as StoreDamaged,
)
from lanchat.errors.store import (
    StoreError as StoreError,
)
from lanchat.errors.store import (
    StoreFull as StoreFull,
)
from lanchat.errors.store import (
    StoreTooNew as StoreTooNew,
)
from lanchat.errors.store import (
    WrongPassphrase as WrongPassphrase,
)
from lanchat.errors.transfers import (
    BadManifest as BadManifest,
)
from lanchat.errors.transfers import (
    DigestMismatch as DigestMismatch,
)
from lanchat.errors.transfers import (
    DiskDefect as DiskDefect,
)
from lanchat.errors.transfers import (
    DiskFailed as DiskFailed,
)
from lanchat.errors.transfers import (
    DiskReadOnly as DiskReadOnly,
)
from lanchat.errors.transfers import (
    FileChanged as FileChanged,
)
from lanchat.errors.transfers import (
    FileTooLarge as FileTooLarge,
)
from lanchat.errors.transfers import (
    FolderGone as FolderGone,
)
from lanchat.errors.transfers import (
    HeldChanged as HeldChanged,
)
from lanchat.errors.transfers import (
    LaneLost as LaneLost,
)
from lanchat.errors.transfers import (
    LaneStalled as LaneStalled,
)
from lanchat.errors.transfers import (
    NoProgram as NoProgram,
)
from lanchat.errors.transfers import (
    NoSpace as NoSpace,
)
from lanchat.errors.transfers import (
    OfferDeclined as OfferDeclined,
)
from lanchat.errors.transfers import (
    OfferTooLarge as OfferTooLarge,
)
from lanchat.errors.transfers import (
    QuotaUsedUp as QuotaUsedUp,
)
from lanchat.errors.transfers import (
    SourceMissing as SourceMissing,
)
from lanchat.errors.transfers import (
    TransferAbandoned as TransferAbandoned,
)
from lanchat.errors.transfers import (
    TransferError as TransferError,
)
from lanchat.errors.transfers import (
    UnsafeName as UnsafeName,
)
from lanchat.errors.transfers import (
    WriteForbidden as WriteForbidden,
)
