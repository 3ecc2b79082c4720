# SPDX-License-Identifier: BSD-2-Clause
"""Load media files into arrays.

Loading is a walk: source, demux, decode, (filter), convert, cast. Each operation `f` has an
awaitable form `async_f` with the same arguments, result and errors.

>>> import spdl.io
>>> buffer = spdl.io.load_image("sample.jpg")
>>> spdl.io.to_numpy(buffer).shape
(120, 160, 3)

>>> import asyncio
>>> async def load():
...     return await spdl.io.async_load_image_batch(["sample.jpg"] * 8, width=64, height=64)
>>> asyncio.run(load()).shape
(8, 64, 64, 3)
"""

from spdl._native.errors import (
    BatchError,
    BusyError,
    CorruptError,
    DeadlineError,
    FilterError,
    ForkedError,
    InternalError,
    InvalidError,
    LimitError,
    MismatchError,
    NoStreamError,
    NotFoundError,
    OptionError,
    SPDLCancelledError,
    SPDLError,
    SPDLIOError,
    SPDLMemoryError,
    UnsupportedError,
)
from spdl._native.library import version as _version
from spdl._native.limits import limits

from . import utils
from .batch import (
    async_load_audio_batch,
    async_load_image_batch,
    async_load_video_batch,
    load_audio_batch,
    load_image_batch,
    load_video_batch,
)
from .bsf import BSF, apply_bsf, async_apply_bsf
from .buffer import (
    ArrayInterface,
    CPUBuffer,
    CUDAArrayInterface,
    to_jax,
    to_numba,
    to_numpy,
    to_torch,
)
from .codec import AudioCodec, ImageCodec, VideoCodec
from .convert import async_convert_frames, convert_array, convert_frames
from .decode import DecodeConfig, async_decode_packets, decode_config, decode_packets
from .decoder import (
    AudioDecoder,
    Decoder,
    ImageDecoder,
    VideoDecoder,
    async_streaming_decode_packets,
    streaming_decode_packets,
)
from .demux import (
    DemuxConfig,
    async_demux_audio,
    async_demux_image,
    async_demux_video,
    demux_audio,
    demux_config,
    demux_image,
    demux_video,
)
from .demuxer import Demuxer
from .encode import (
    AudioEncodeConfig,
    VideoEncodeConfig,
    audio_encode_config,
    video_encode_config,
)
from .encoder import AudioEncoder, VideoEncoder
from .filter import get_audio_filter_desc, get_filter_desc, get_video_filter_desc
from .filter_graph import FilterGraph
from .frames import AudioFrames, ImageFrames, VideoFrames
from .graph_source import get_abuffer_desc, get_buffer_desc
from .image import (
    EncodeConfig,
    async_encode_image,
    async_save_image,
    encode_config,
    encode_image,
    save_image,
)
from .load import (
    async_load_audio,
    async_load_image,
    async_load_video,
    load_audio,
    load_image,
    load_video,
)
from .muxer import Muxer
from .npy import async_load_npy, load_npy
from .npz import NpzFile, async_load_npz, load_npz
from .packets import AudioPackets, ImagePackets, VideoPackets
from .probe import SourceInfo, StreamInfo, async_probe, probe
from .queue import get_num_threads, run_async, set_num_threads
from .reference import create_reference_audio_frame, create_reference_video_frame
from .sample import async_sample_decode_video, sample_decode_video
from .storage import CPUStorage, cpu_storage
from .tar import async_iter_tarfile, iter_tarfile
from .wav import (
    CorruptWAVError,
    UnsupportedWAVError,
    WAVHeader,
    async_load_wav,
    load_wav,
    parse_wav,
)

__version__ = _version()

SPDLError.__module__ = __name__  # Where people find it.
for _error in SPDLError.__subclasses__():
    if _error.__name__ in globals():
        _error.__module__ = __name__

__all__ = [
    "BSF",
    "ArrayInterface",
    "AudioCodec",
    "AudioDecoder",
    "AudioEncodeConfig",
    "AudioEncoder",
    "AudioFrames",
    "AudioPackets",
    "BatchError",
    "BusyError",
    "CPUBuffer",
    "CPUStorage",
    "CUDAArrayInterface",
    "CorruptError",
    "CorruptWAVError",
    "DeadlineError",
    "DecodeConfig",
    "Decoder",
    "DemuxConfig",
    "Demuxer",
    "EncodeConfig",
    "FilterError",
    "FilterGraph",
    "ForkedError",
    "ImageCodec",
    "ImageDecoder",
    "ImageFrames",
    "ImagePackets",
    "InternalError",
    "InvalidError",
    "LimitError",
    "MismatchError",
    "Muxer",
    "NoStreamError",
    "NotFoundError",
    "NpzFile",
    "OptionError",
    "SPDLCancelledError",
    "SPDLError",
    "SPDLIOError",
    "SPDLMemoryError",
    "SourceInfo",
    "StreamInfo",
    "UnsupportedError",
    "UnsupportedWAVError",
    "VideoCodec",
    "VideoDecoder",
    "VideoEncodeConfig",
    "VideoEncoder",
    "VideoFrames",
    "VideoPackets",
    "WAVHeader",
    "apply_bsf",
    "async_apply_bsf",
    "async_convert_frames",
    "async_decode_packets",
    "async_demux_audio",
    "async_demux_image",
    "async_demux_video",
    "async_encode_image",
    "async_iter_tarfile",
    "async_load_audio",
    "async_load_audio_batch",
    "async_load_image",
    "async_load_image_batch",
    "async_load_npy",
    "async_load_npz",
    "async_load_video",
    "async_load_video_batch",
    "async_load_wav",
    "async_probe",
    "async_sample_decode_video",
    "async_save_image",
    "async_streaming_decode_packets",
    "audio_encode_config",
    "convert_array",
    "convert_frames",
    "cpu_storage",
    "create_reference_audio_frame",
    "create_reference_video_frame",
    "decode_config",
    "decode_packets",
    "demux_audio",
    "demux_config",
    "demux_image",
    "demux_video",
    "encode_config",
    "encode_image",
    "get_abuffer_desc",
    "get_audio_filter_desc",
    "get_buffer_desc",
    "get_filter_desc",
    "get_num_threads",
    "get_video_filter_desc",
    "iter_tarfile",
    "limits",
    "load_audio",
    "load_audio_batch",
    "load_image",
    "load_image_batch",
    "load_npy",
    "load_npz",
    "load_video",
    "load_video_batch",
    "load_wav",
    "parse_wav",
    "probe",
    "run_async",
    "sample_decode_video",
    "save_image",
    "set_num_threads",
    "streaming_decode_packets",
    "to_jax",
    "to_numba",
    "to_numpy",
    "to_torch",
    "utils",
    "video_encode_config",
]
