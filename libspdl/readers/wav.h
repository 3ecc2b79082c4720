// SPDX-License-Identifier: BSD-2-Clause
// WAV: RIFF, RF64 and BW64 files of uncompressed, A-law and mu-law samples.
#pragma once

#include <memory>
#include <optional>

#include "base/limits.h"
#include "base/result.h"
#include "buffer/buffer.h"
#include "readers/bytes.h"

namespace spdl::readers {

struct WavHeader {
  uint16_t audio_format = 0;  // as it is written: 0xfffe for WAVE_EXTENSIBLE
  uint16_t sub_format = 0;    // what the samples are: that of the GUID, or the same as above
  uint16_t num_channels = 0;
  uint16_t block_align = 0;  // bytes of one sample of all channels
  uint16_t bits_per_sample = 0;
  uint32_t sample_rate = 0;
  uint32_t byte_rate = 0;
  uint64_t data_offset = 0;  // of the first sample
  uint64_t data_size = 0;    // as the file says, which may be more than there is
};

// Needs the bytes up to the first sample only.
Result<WavHeader> parse_wav(Bytes data);

struct WavWindow {
  std::optional<spdl_rational> start;  // seconds
  std::optional<spdl_rational> end;    // seconds
};

// Shape (samples, channels). On the memory itself, unless the coding must be undone.
Result<buffer::BufferPtr> load_wav(const std::shared_ptr<const buffer::Memory> &memory,
                                   const WavWindow &window, const Limits &limits);

}  // namespace spdl::readers
