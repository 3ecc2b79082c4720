// SPDX-License-Identifier: BSD-2-Clause
// WAV files of which there can be no two opinions: what the header says is what FFmpeg makes of it.
#pragma once

#include <optional>

#include "ffmpeg/input.h"
#include "readers/wav.h"

namespace spdl::load {

// The header, if every chunk is whole and of a known kind, the samples are of a plain coding and
// all there, and FFmpeg would not take them for anything else. Whatever is unusual is left to
// FFmpeg.
std::optional<readers::WavHeader> find_clean_wav(ffmpeg::Reader &reader, const Limits &limits);

// Fill `to` with the bytes at an offset; false if they are not there.
bool read_whole(ffmpeg::Reader &reader, uint64_t offset, std::span<uint8_t> to,
                const Limits &limits);

}  // namespace spdl::load
