// SPDX-License-Identifier: BSD-2-Clause
#include "load/hidden_codec.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "ffmpeg/compat.h"

namespace spdl::load {
namespace {

using Bytes = std::span<const uint8_t>;

uint32_t read_big(Bytes data, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | (at + i < data.size() ? data[at + i] : 0);
  return value;
}

uint32_t swap_pairs(uint32_t word) { return (word & 0xff00ff) << 8 | (word >> 8 & 0xff00ff); }

// ---- frames that follow each other ----

// Size of a frame of MPEG audio by its header, 0 if it is none.
size_t mpeg_frame_size(uint32_t header) {
  // kbit/s of layers I, II, III; then of all layers but I at half the sample rate, and of I.
  static constexpr uint16_t rates[5][15] = {
      {0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},
      {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},
      {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
      {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
      {0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},
  };
  static constexpr uint32_t frequencies[] = {44100, 48000, 32000};
  const uint32_t version = header >> 19 & 3, layer = 4 - (header >> 17 & 3);
  const uint32_t rate = header >> 12 & 15, frequency = header >> 10 & 3, padding = header >> 9 & 1;
  if (header >> 21 != 0x7ff || version == 1 || layer == 4 || rate == 0 || rate == 15 ||
      frequency == 3)
    return 0;
  const bool is_low = version != 3;
  const uint32_t hertz = frequencies[frequency] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
  const uint32_t bits = rates[!is_low ? layer - 1 : layer == 1 ? 4 : 3][rate] * 1000u;
  if (layer == 1) return (bits * 12 / hertz + padding) * 4;
  return bits * (layer == 3 && is_low ? 72 : 144) / hertz + padding;
}

// Of AAC in ADTS.
size_t adts_frame_size(Bytes data, size_t at) {
  if ((read_big(data, at) >> 16 & 0xfff6) != 0xfff0) return 0;
  const size_t size = read_big(data, at + 3) >> 13 & 0x1fff;
  return size < 7 ? 0 : size;
}

// Of AAC in LOAS.
size_t loas_frame_size(Bytes data, size_t at) {
  const uint32_t header = read_big(data, at) >> 8;
  const size_t size = (header & 0x1fff) + 3;
  return header >> 13 != 0x2b7 || size < 7 ? 0 : size;
}

size_t mpeg_frame_size_at(Bytes data, size_t at) { return mpeg_frame_size(read_big(data, at)); }

// Of AC-3 and E-AC-3, in either order of bytes.
size_t ac3_frame_size(Bytes data, size_t at) {
  static constexpr uint16_t rates[] = {32,  40,  48,  56,  64,  80,  96,  112, 128, 160,
                                       192, 224, 256, 320, 384, 448, 512, 576, 640};
  // Frames of some recorders have a header of their own in front.
  constexpr uint32_t recorder = 0x01100000;
  const size_t lead = read_big(data, at) == recorder && read_big(data, at + 4) == 0 ? 16 : 0;
  at += lead;
  uint32_t first = read_big(data, at), second = read_big(data, at + 4);
  if (first >> 16 == 0x770b) {
    first = swap_pairs(first);
    second = swap_pairs(second);
  }
  const uint32_t version = second >> 19 & 31;
  if (first >> 16 != 0x0b77 || version > 16) return 0;
  if (version > 10) return lead + ((first & 0x7ff) + 1) * 2;
  const uint32_t frequency = second >> 30, code = second >> 24 & 63;
  if (frequency == 3 || code >= 2 * std::size(rates)) return 0;
  const uint32_t rate = rates[code / 2];
  const uint32_t words = frequency == 0   ? rate * 2
                         : frequency == 1 ? rate * 320 / 147 + code % 2
                                          : rate * 3;
  return lead + words * 2;
}

// FFmpeg believes in 3 frames (MPEG audio and AC-3: 7) with which the samples begin, or in 100
// (200) that come later.
constexpr int believed_at_start = 3;
constexpr int believed_of_ac3 = 6;
constexpr int believed_later = 50;

template <size_t frame_size(Bytes, size_t)>
bool is_chain(Bytes data, size_t at, int believed) {
  for (int n = 0; n < believed; ++n) {
    if (at >= data.size()) return false;
    const size_t size = frame_size(data, at);
    if (size == 0) return false;
    at += size;
  }
  return true;
}

bool begins_chain(Bytes data) {
  const auto first = std::find_if(data.begin(), data.end(), [](uint8_t c) { return c != 0; });
  return is_chain<ac3_frame_size>(data, 0, believed_at_start) ||
         is_chain<adts_frame_size>(data, 0, believed_at_start) ||
         is_chain<loas_frame_size>(data, 0, believed_at_start) ||
         is_chain<mpeg_frame_size_at>(data, static_cast<size_t>(first - data.begin()),
                                      believed_at_start);
}

// ---- words that begin frames ----

// TrueHD, MLP; DTS in both orders of bytes, with 16 and 14 bits, and its extension.
constexpr uint32_t rare_words[] = {0xf8726fba, 0xf8726fbb, 0x7ffe8001, 0xfe7f0180,
                                   0x1fffe800, 0xff1f00e8, 0x64582025};

bool is_suspect(Bytes data, size_t at) {
  const uint32_t word = read_big(data, at);
  if (std::find(std::begin(rare_words), std::end(rare_words), word) != std::end(rare_words))
    return true;
  return is_chain<ac3_frame_size>(data, at, believed_of_ac3) ||
         is_chain<adts_frame_size>(data, at, believed_later) ||
         is_chain<mpeg_frame_size_at>(data, at, believed_later) ||
         is_chain<loas_frame_size>(data, at, believed_later);
}

// ---- all positions ----

constexpr size_t block_size = 64;

// Whether anything may begin with these bytes. No branches: the compiler makes vectors of it.
uint8_t may_begin(uint8_t a, uint8_t b, uint8_t c) {
  const auto both = [=](uint8_t x, uint8_t y) { return (a == x) & (b == y); };
  const auto is_mpeg = (b >= 0xe2) & (c >= 0x10) & (c < 0xf0) & ((c & 0x0c) != 0x0c);
  const auto is_adts = (b & 0xf6) == 0xf0;
  return static_cast<uint8_t>(((a == 0xff) & (is_mpeg | is_adts | (b == 0x1f))) |
                              ((a == 0x56) & (b >= 0xe0)) | both(0x0b, 0x77) | both(0x77, 0x0b) |
                              both(0xf8, 0x72) | both(0x7f, 0xfe) | both(0xfe, 0x7f) |
                              both(0x1f, 0xff) | both(0x64, 0x58));
}

// Of S/PDIF: "72 f8 1f 4e".
uint8_t may_begin_spdif(uint8_t a, uint8_t b, uint8_t) {
  return static_cast<uint8_t>((a == 0x72) & (b == 0xf8));
}

// Ask `is_found` about each position where `may_begin` is true; two bytes follow the last one.
template <uint8_t may_begin(uint8_t, uint8_t, uint8_t), class IsFound>
bool any_position(Bytes data, IsFound is_found) {
  const auto ask = [&](size_t at) {
    return may_begin(data[at], data[at + 1], data[at + 2]) && is_found(at);
  };
  size_t at = 0;
  for (; at + block_size + 2 <= data.size(); at += block_size) {
    alignas(block_size) uint8_t marks[block_size];
    const uint8_t *from = data.data() + at;
    for (size_t i = 0; i < block_size; ++i) marks[i] = may_begin(from[i], from[i + 1], from[i + 2]);
    for (size_t i = 0; i < block_size; i += 8) {
      uint64_t word;
      std::memcpy(&word, marks + i, 8);
      if (word == 0) continue;
      for (size_t k = i; k < i + 8; ++k)
        if (marks[k] && is_found(at + k)) return true;
    }
  }
  for (; at + 2 < data.size(); ++at)
    if (ask(at)) return true;
  return false;
}

}  // namespace

size_t num_probed_bytes(uint32_t sample_rate, uint16_t block_align) {
  constexpr size_t num_packets = 32;
  size_t packet = std::max<size_t>(4096, block_align);
#if SPDL_PCM_PACKETS_BY_TIME
  // A power of two of samples, at most a tenth of a second.
  packet = std::max(packet, std::bit_floor(std::max<size_t>(1, sample_rate / 10)) * block_align);
#else
  (void)sample_rate;
#endif
  return num_packets * packet;
}

bool may_hide_spdif(Bytes samples) {
  samples = samples.first(std::min(samples.size(), num_spdif_bytes));
  return any_position<may_begin_spdif>(
      samples, [=](size_t at) { return read_big(samples, at) == 0x72f81f4e; });
}

bool may_hide_codec(Bytes samples) {
  return begins_chain(samples) ||
         any_position<may_begin>(samples, [=](size_t at) { return is_suspect(samples, at); });
}

}  // namespace spdl::load
