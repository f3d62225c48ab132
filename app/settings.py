"""What a deployment may choose: the environment variables ``BACKGLASS_*``."""

import re
from pathlib import Path
from typing import Annotated

from platformdirs import user_data_path
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.hosts import Hosts

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
    max_requests: int = Field(
        128, gt=0, description="How many requests of the API a process answers at once; others come again."
    )
    threads: int = Field(40, gt=2, description="How many threads of a process answer.")
    max_waiting: int = Field(64, gt=0, description="How many may wait for their turn at what may take long.")
    max_trainings: int = Field(100, gt=0, description="How many may watch or wait for a training at once.")
    training_workers: int = Field(2, gt=0, description="How many processes train.")
    max_training_seconds: float = Field(
        600.0, gt=0, description="The longest training that one history may ask for, as estimated."
    )
    cache_bytes: int = Field(
        192 * MIB,
        gt=0,
        description="How much memory all may take that is kept ready: runs, frames, checks, uploads.",
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Hosts beside loopback's that requests may name, with commas between them."
    )
    token: SecretStr | None = Field(None, description="What a request must show to be let in.")
    secret: SecretStr | None = Field(
        None, description="What sessions are signed with where there is no token."
    )
    client_rate: float = Field(
        100.0,
        gt=0,
        description="Requests a second of one session; of one address without any, ten times that.",
    )

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("allowed_hosts")
    @classmethod
    def _are_hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        Hosts(value)
        return value

    @field_validator("token", "secret", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("token")
    @classmethod
    def _fits_a_header(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch("[!-~]+", value.get_secret_value()):
            raise ValueError("expected letters, digits and signs of ASCII, without spaces")
        return value
