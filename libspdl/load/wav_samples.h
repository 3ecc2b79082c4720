// SPDX-License-Identifier: BSD-2-Clause
// Samples as WAV files have them, and what FFmpeg makes of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "buffer/layout.h"
#include "readers/wav.h"

namespace spdl::load {

struct WavCoding {
  // Of one sample of all channels.
  struct Source {
    const uint8_t *samples;
    size_t count;  // per channel
    size_t num_channels;
  };
  using ToPacked = void (*)(const Source &from, uint8_t *to);
  // Channel c begins at to + c * distance.
  using ToPlanes = void (*)(const Source &from, uint8_t *to, size_t distance);

  uint16_t format;  // of WavHeader
  uint16_t bits;
  buffer::ElementType type;  // of what FFmpeg's decoder gives
  const char *name;          // of that sample format
  ToPacked to_packed;        // null: the samples are that already
  ToPlanes to_planes;        // float32 between -1 and 1
};

// Of a header that says a coding that there is.
const WavCoding &coding_of(const readers::WavHeader &header);

}  // namespace spdl::load
