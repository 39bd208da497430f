"""The error family: everything this product can say no with.

ReelError                              code, a sentence for people, details for machines
├── BadInput                           the person can mend it; never retried
│   ├── BadField                       a value of the wrong type, range or name; details.field is a JSON pointer
│   ├── BadSource                      the footage
│   │   ├── SourceEmpty  NotAVideo  PlaylistNotVideo  NoVideoStream
│   │   ├── SourceUnreadable  SourceTruncated (usable_s)  SourceGone
│   │   └── PictureTooLarge  FrameRateTooHigh  SourceTooLong  SourceTooBig  CodecUnsupported
│   ├── BadEdit                        the edit
│   │   ├── EmptySpan  ClipOutsideSource  ClipLengthOutOfRange
│   │   ├── CropOutsidePicture  KeyframesOutOfOrder
│   │   ├── SpotlightsOverlap  SpotlightTooShort  SpeedsOverlap
│   │   └── NoClips  ClipsNotFramed
│   ├── TsvDamaged                     details.lines: every fault, with its line
│   └── OutputUnwritable               the folder is missing or not writable
├── StaleProject                       a part was changed on both sides; details.conflicts
├── StaleRevision                      a row was changed since; details.current
├── OperationReused                    an idempotency key came again with another body
├── NotFound  AlreadyExists  Conflict      an object, by its key
├── Cancelled                          the person stopped it
├── IllegalMove                        a job cannot do this in its state
├── WeightsMissing  WeightsMismatch    the networks' weights
├── StorageFull  OutOfMemory           retried once, smaller
├── StoreUnavailable  AnswerLost        the store: nothing was applied, or nobody knows; retried with backoff
├── SnapshotDamaged  SchemaTooNew      a user's database
└── SegmentDamaged  FfmpegFailed  MediaTimeout  Internal  Lost      retried with backoff

What a person may not do, as opposed to cannot, is in reel/refusals.py.

Every class carries `code` (stable, part of the API) and `retry` (whether trying again may help, for whoever
dispatches jobs).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Retry: TypeAlias = Literal["never", "once_smaller", "backoff"]


class ReelError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "error"
    retry: ClassVar[Retry] = "never"

    def __init__(self, message: str | None = None, **details: Json) -> None:
        self.message = message or (type(self).__doc__ or "").strip().splitlines()[0]
        self.details: dict[str, Json] = details
        super().__init__(self.message)

    def envelope(self, request_id: str | None = None) -> dict[str, Json]:
        """Return what an API answer and `--json` carry: {code, message, details, request_id}."""
        return {"code": self.code, "message": self.message, "details": self.details, "request_id": request_id}


class BadInput(ReelError):
    """The input cannot be used."""

    code = "bad_input"


class BadField(BadInput):
    """A field has a wrong value."""

    code = "bad_field"

    def __init__(self, field: str, message: str, **details: Json) -> None:
        super().__init__(f"{field}: {message}" if field else message, field=field, **details)


class BadSource(BadInput):
    """The footage cannot be used."""

    code = "bad_source"


class SourceEmpty(BadSource):
    """The file is empty."""

    code = "source_empty"


class NotAVideo(BadSource):
    """This file is not a video."""

    code = "not_a_video"


class PlaylistNotVideo(BadSource):
    """This is a playlist, not a video."""

    code = "playlist_not_video"


class NoVideoStream(BadSource):
    """There is no video in this file, only sound or data."""

    code = "no_video_stream"


class SourceUnreadable(BadSource):
    """The video cannot be read: its beginning or its index is missing or damaged."""

    code = "source_unreadable"


class SourceTruncated(BadSource):
    """The file ends early."""

    code = "source_truncated"

    def __init__(self, usable_s: float, message: str | None = None, **details: Json) -> None:
        minutes, seconds = divmod(int(usable_s), 60)
        sentence = message or f"The file ends early: only the first {minutes}:{seconds:02d} can be used."
        super().__init__(sentence, usable_s=usable_s, **details)


class SourceGone(BadSource):
    """The original footage is no longer there."""

    code = "source_gone"


class PictureTooLarge(BadSource):
    """The picture is larger than 8192×4352 or 36 megapixels."""

    code = "picture_too_large"


class FrameRateTooHigh(BadSource):
    """The frame rate is above 240 frames a second."""

    code = "frame_rate_too_high"


class SourceTooLong(BadSource):
    """The video is longer than 4 hours."""

    code = "source_too_long"


class SourceTooBig(BadSource):
    """The file is larger than 20 GB."""

    code = "source_too_big"


class CodecUnsupported(BadSource):
    """The video is in a format that is not supported."""

    code = "codec_unsupported"


class BadEdit(BadInput):
    """The edit cannot be rendered."""

    code = "bad_edit"


class EmptySpan(BadEdit):
    """The out point is not after the in point."""

    code = "empty_span"


class ClipOutsideSource(BadEdit):
    """The clip reaches past the end of its source."""

    code = "clip_outside_source"


class ClipLengthOutOfRange(BadEdit):
    """A clip lasts 1 to 60 seconds."""

    code = "clip_length_out_of_range"


class CropOutsidePicture(BadEdit):
    """The crop reaches outside the picture."""

    code = "crop_outside_picture"


class KeyframesOutOfOrder(BadEdit):
    """Two keyframes stand at the same time, or not in order."""

    code = "keyframes_out_of_order"


class SpotlightsOverlap(BadEdit):
    """Two spotlights of one clip overlap in time."""

    code = "spotlights_overlap"


class SpotlightTooShort(BadEdit):
    """A spotlight lasts at least half a second."""

    code = "spotlight_too_short"


class SpeedsOverlap(BadEdit):
    """Two speed changes of one clip overlap in time."""

    code = "speeds_overlap"


class NoClips(BadEdit):
    """There is no clip to make a reel of."""

    code = "no_clips"


class ClipsNotFramed(BadEdit):
    """Some clips have no crop for this shape yet."""

    code = "clips_not_framed"


class TsvDamaged(BadInput):
    """The clip list has faults."""

    code = "tsv_damaged"


class OutputUnwritable(BadInput):
    """The output cannot be written there."""

    code = "output_unwritable"


class StaleProject(ReelError):
    """The project was changed elsewhere."""

    code = "stale_project"


class StaleRevision(ReelError):
    """This was changed elsewhere in the meantime."""

    code = "stale_revision"


class OperationReused(ReelError):
    """This idempotency key was used before, with another body."""

    code = "idempotency_key_reused"


class NotFound(ReelError):
    """There is nothing under this name."""

    code = "not_found"


class AlreadyExists(ReelError):
    """There is something under this name already."""

    code = "already_exists"


class Conflict(ReelError):
    """Someone else wrote it first: nothing was changed."""

    code = "conflict"


class Cancelled(ReelError):
    """Cancelled."""

    code = "cancelled"


class IllegalMove(ReelError):
    """A job cannot do this in its state."""

    code = "illegal_move"


class WeightsMissing(ReelError):
    """The network's weights are not on this machine and could not be fetched."""

    code = "weights_missing"


class WeightsMismatch(ReelError):
    """The network's weights are not the ones that their digest names."""

    code = "weights_mismatch"


class StorageFull(ReelError):
    """The disk is full."""

    code = "storage_full"
    retry = "once_smaller"


class OutOfMemory(ReelError):
    """The machine ran out of memory."""

    code = "out_of_memory"
    retry = "once_smaller"


class StoreUnavailable(ReelError):
    """The store did not answer."""

    code = "store_unavailable"
    retry = "backoff"


class AnswerLost(ReelError):
    """The store's answer was lost: what was asked of it may have been done or not."""

    code = "answer_lost"
    retry = "backoff"


class SnapshotDamaged(ReelError):
    """The saved data cannot be read."""

    code = "snapshot_damaged"


class SchemaTooNew(ReelError):
    """The saved data was written by a newer release."""

    code = "schema_too_new"


class SegmentDamaged(ReelError):
    """A piece that was rendered before is damaged or gone; the next attempt makes it anew."""

    code = "segment_damaged"
    retry = "backoff"


class FfmpegFailed(ReelError):
    """ffmpeg failed."""

    code = "ffmpeg_failed"
    retry = "backoff"


class MediaTimeout(ReelError):
    """Working on the footage took too long."""

    code = "media_timeout"
    retry = "backoff"


class Lost(ReelError):
    """The work on this stopped again and again without a word. Try it once more, or with fewer clips."""

    code = "lost"
    retry = "backoff"


class Internal(ReelError):
    """Something went wrong on our side."""

    code = "internal"
    retry = "backoff"


def from_envelope(envelope: Mapping[str, Json]) -> ReelError:
    """Return the error that an envelope was made of; a code of another version gives a plain ReelError."""
    kind = by_code().get(str(envelope["code"]), ReelError)
    error = kind.__new__(kind)
    details = envelope.get("details")
    ReelError.__init__(error, str(envelope["message"]), **(details if isinstance(details, dict) else {}))
    return error


def by_code(base: type[ReelError] = ReelError) -> Mapping[str, type[ReelError]]:
    """Return every error class below and including `base`, by its code; the table that HTTP statuses are held to."""
    found = {base.code: base}
    for child in base.__subclasses__():
        found.update(by_code(child))
    return found
