// SPDX-License-Identifier: BSD-2-Clause
// Packets as bytes, little-endian:
//
//   magic, version, media; size of the whole
//   source, stream index, window, pts of the packet behind the window
//   codec: time base, frame rate, parameters, side data
//   number of packets; of each: pts, dts, duration, position, flags, size, side data
//   the payloads, each at a multiple of 64 bytes and with at least 64 bytes of zeros behind it
//
// Decoders read past the end of a payload, so that it can be decoded where it lies.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "buffer/buffer.h"
#include "ffmpeg/packets.h"

namespace spdl::ffmpeg {

// One array of bytes.
Result<buffer::BufferPtr> serialize(const Packets &packets);

// `owner` keeps the data; the packets point into it. Anything may be in the data: what it makes is
// an error, or packets that are as safe to decode as those of a file. Without `media`, of any kind.
Result<PacketsPtr> deserialize(std::span<const uint8_t> data, std::shared_ptr<const void> owner,
                               std::optional<Media> media);

// The same from a copy of the data.
Result<PacketsPtr> deserialize_copy(std::span<const uint8_t> data, std::optional<Media> media);

}  // namespace spdl::ffmpeg
