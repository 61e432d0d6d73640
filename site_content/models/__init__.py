from site_content.models.guides import GuidePage, GuideSection, HelpIndexPage
from site_content.models.home import HomePage

__all__ = ["GuidePage", "GuideSection", "HelpIndexPage", "HomePage"]
