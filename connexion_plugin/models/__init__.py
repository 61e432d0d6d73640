"""The nouns. Outside code imports them from here."""

from connexion_plugin.models.activity import Activity
from connexion_plugin.models.administration import AdministrativeAct, RecordHead
from connexion_plugin.models.contacts import Contact
from connexion_plugin.models.conversations import Conversation, Participation
from connexion_plugin.models.devices import AuthenticatorDevice, RecoveryCode, RecoveryDevice
from connexion_plugin.models.documents import Attachment, Reservation, StorageMark, StoredParts
from connexion_plugin.models.drafts import Draft, Upload
from connexion_plugin.models.epochs import EpochKey
from connexion_plugin.models.hand_overs import HandOver
from connexion_plugin.models.holds import LegalHold
from connexion_plugin.models.mail import Mail, Notice
from connexion_plugin.models.messages import Message, Opening
from connexion_plugin.models.more_time import TimeRequest
from connexion_plugin.models.notices import SeatNotice
from connexion_plugin.models.organizations import Collaborator, Organization, StatusChange
from connexion_plugin.models.permissions import ConversationPermission, OrganizationPermission
from connexion_plugin.models.personas import Persona, Preferences
from connexion_plugin.models.seats import Bounce, Correction, Refusal, SeatMove
from connexion_plugin.models.suspension import is_kept, kept

__all__ = [
    "Activity",
    "AdministrativeAct",
    "Attachment",
    "AuthenticatorDevice",
    "Bounce",
    "Collaborator",
    "Contact",
    "Conversation",
    "ConversationPermission",
    "Correction",
    "Draft",
    "EpochKey",
    "HandOver",
    "LegalHold",
    "Mail",
    "Message",
    "Notice",
    "Opening",
    "Organization",
    "OrganizationPermission",
    "Participation",
    "Persona",
    "Preferences",
    "RecordHead",
    "RecoveryCode",
    "RecoveryDevice",
    "Refusal",
    "Reservation",
    "SeatMove",
    "SeatNotice",
    "StatusChange",
    "StorageMark",
    "StoredParts",
    "TimeRequest",
    "Upload",
    "is_kept",
    "kept",
]
