"""What a deployment may choose: the environment variables ``BACKGLASS_*``."""

from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1024 * 1024


def default_database_url() -> str:
    """An SQLite file in the user's data folder."""
    return sqlite_url(user_data_path("backglass", appauthor=False) / "backglass.db")


def sqlite_url(path: Path) -> str:
    """The database URL of an SQLite file."""
    return f"sqlite:///{path}"


class Settings(BaseSettings):
    """The settings of one application, from arguments or from ``BACKGLASS_*``."""

    model_config = SettingsConfigDict(env_prefix="BACKGLASS_", frozen=True)

    database_url: str = Field(
        default_factory=default_database_url,
        description="Where specs and uploads are kept, as an SQLAlchemy URL.",
    )
    store_bytes: int = Field(
        4096 * MIB, gt=0, description="The most that specs and uploads may take; past it nothing new is kept."
    )
    max_body_bytes: int = Field(16 * MIB, gt=0, description="The longest request body, in bytes.")
    max_run_bytes: int = Field(
        256 * MIB, gt=0, description="The most memory that the data and one iteration of a run may need."
    )
    max_replay_seconds: float = Field(
        10.0, gt=0, description="The longest replay, as estimated from the spec before it starts."
    )
    max_response_cells: int = Field(
        1_000_000, gt=0, description="The most cells that one JSON answer may carry."
    )
    training_workers: int = Field(2, gt=0, description="How many processes train.")
    max_training_seconds: float = Field(
        600.0, gt=0, description="The longest training that one history may ask for, as estimated."
    )
    live_runs: int = Field(64, gt=0, description="How many runs are kept ready in memory.")
    cache_bytes: int = Field(
        256 * MIB, gt=0, description="How much memory computed frames may take, over all runs."
    )
