"""What is taken in, and what became of it."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from samespace.core.wire import (
    MOST_INPUTS,
    Encoding,
    ExternalId,
    MetadataMode,
    Model,
    Name,
    SameName,
    Text,
)


class NewDocument(Model):
    """A text to be taken in, or the URL of a document; `metadata` is an object.

    `encoding` is what its text is in, where that is known; without, it is told by the bytes or guessed.
    A URL is fetched before the request is answered, and is the document's `external_id` where none is given.

    Of the metadata of a document that is known already, what `metadata` does not name is kept, and null takes a
    key away; with `metadata_mode` "replace" only what it names is left.

    A document is known by its `external_id`, or by its bytes. Other bytes under the `name` of one that has no
    `external_id` are kept beside it, and the outcome is `kept_both`; with `on_same_name` "replace" they replace it.
    """

    text: Text | None = None
    url: Text | None = Field(None, max_length=2048)
    name: Name | None = None
    external_id: ExternalId | None = None
    metadata: Any = None
    encoding: Encoding | None = None
    metadata_mode: MetadataMode | None = None
    on_same_name: SameName | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.text is None) == (self.url is None):
            raise ValueError("one of text and url is needed")
        if self.encoding is not None and self.url is None:
            raise ValueError("encoding goes with url: a text is sent as Unicode")
        return self


class NewDocuments(Model):
    """Texts and URLs to be taken in."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"documents": [{"text": "A red car in the rain.", "metadata": {"year": 1999}}]}
            ]
        }
    )

    documents: list[NewDocument] = Field(min_length=1, max_length=MOST_INPUTS)


class FileNote(Model):
    """What is said of one of the files of a form; with `is_text` it is taken as the text it is, not as a file,
    though it may look like HTML. What it leaves open the fields of the form say."""

    external_id: ExternalId | None = None
    metadata: Any = None
    name: Name | None = None
    is_text: bool = False
    encoding: Encoding | None = None
    metadata_mode: MetadataMode | None = None
    on_same_name: SameName | None = None


class FilesForm(BaseModel):
    """Files to be taken in; `documents` is a JSON list with a note for each file, in their order."""

    file: list[
        Annotated[
            str,
            Field(
                json_schema_extra={"format": "binary"},
                description="Bounded by SAMESPACE_MAX_FILE_BYTES.",
            ),
        ]
    ] = Field(max_length=MOST_INPUTS)
    documents: Text | None = Field(None, examples=['[{"external_id": "a.jpg"}]'])
    metadata: Text | None = Field(
        None,
        description="A JSON object for all files, bounded by SAMESPACE_MAX_JSON_BYTES.",
        examples=['{"album": "summer"}'],
    )
    metadata_mode: MetadataMode = Field(
        "merge",
        description="Whether a document that is known keeps the metadata that is not named (merge), or not (replace).",
    )
    on_same_name: SameName = Field(
        "keep_both",
        description="What other bytes do to a document of the same name, where neither has an external id.",
    )
    encoding: Encoding | None = Field(
        None, description="What the text of all files is in that say nothing else of themselves."
    )


class Accepted(Model):
    """A document that was accepted, what that came to, and the job it comes in by.

    `created`, `kept_both` (new, and an older one of its name stays beside it), `replaced` (other bytes),
    `updated` (other metadata), `retried` (it had failed or was cancelled) or `unchanged`. `same_name` has the ids of
    the other documents of its name that answer searches beside it, where none of them has an external id.
    One that is `unchanged` and whose state is not final was sent before and is still coming in: its job is that of
    the earlier upload.
    """

    id: str
    job_id: str | None
    name: str
    external_id: str | None
    state: str
    outcome: str
    same_name: list[str]
    warnings: list[str]


class ErrorView(Model):
    """Why a document was refused."""

    code: str
    detail: str


class Refused(Model):
    """A document that was not accepted."""

    name: str
    error: ErrorView


class UploadView(Model):
    """What an upload came to, document by document, in the order they were sent."""

    job_id: str
    documents: list[Accepted | Refused]
