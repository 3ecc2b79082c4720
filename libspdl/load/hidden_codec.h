// SPDX-License-Identifier: BSD-2-Clause
// Some WAV files say that they have plain samples and have another coding in their place: DTS and
// AC-3 of CDs, S/PDIF. FFmpeg looks for them; where it may find one, the file is left to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace spdl::load {

// The first bytes of samples in which FFmpeg looks for S/PDIF.
inline constexpr size_t num_spdif_bytes = 64 * 1024;
// And for codecs, in samples of 16 bits: in the first 32 packets.
size_t num_probed_bytes(uint32_t sample_rate, uint16_t block_align);

// False: FFmpeg finds none. True: it may, and does so seldom.
bool may_hide_spdif(std::span<const uint8_t> samples);
bool may_hide_codec(std::span<const uint8_t> samples);

}  // namespace spdl::load
