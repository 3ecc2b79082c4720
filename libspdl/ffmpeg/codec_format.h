// SPDX-License-Identifier: BSD-2-Clause
// Codecs and side data as bytes: a part of packets_format.h. Codecs and formats are written by
// FFmpeg's names for them, since their numbers differ from version to version.
#pragma once

#include <functional>

#include "base/wire.h"
#include "ffmpeg/packets.h"

namespace spdl::ffmpeg {

void write_codec(WireWriter &to, const Codec &codec);
Result<CodecPtr> read_codec(WireReader &from, Media media);

void write_side_data(WireWriter &to, const AVPacketSideData *entries, int num_entries);
// `allocate` makes room for an entry; null: it is left out.
using AllocateSideData = std::function<uint8_t *(AVPacketSideDataType type, size_t size)>;
Result<void> read_side_data(WireReader &from, const AllocateSideData &allocate);

// What all errors of the format begin with.
Error unreadable(const std::string &reason);

}  // namespace spdl::ffmpeg
