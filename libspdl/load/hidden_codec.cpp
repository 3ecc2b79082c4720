// SPDX-License-Identifier: BSD-2-Clause
#include "load/hidden_codec.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "ffmpeg/compat.h"

namespace spdl::load {
namespace {

using Bytes = std::span<const uint8_t>;

// Zeros follow the end.
uint32_t read_big(Bytes data, size_t at) {
  uint8_t bytes[4] = {};
  if (at < data.size()) std::memcpy(bytes, data.data() + at, std::min<size_t>(4, data.size() - at));
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
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

// ---- positions ----

// In both orders of bytes, of 16 bits and of 14, and of an extension.
bool is_dts(Bytes data, size_t at) {
  const uint32_t next = read_big(data, at + 4) >> 16;
  switch (read_big(data, at)) {
    case 0x7ffe8001:
    case 0xfe7f0180:
    case 0x64582025:
      return true;
    case 0x1fffe800:
      return (next & 0xfff0) == 0x07f0;
    case 0xff1f00e8:
      return (next & 0xf0ff) == 0xf007;
    default:
      return false;
  }
}

bool is_truehd(Bytes data, size_t at) { return read_big(data, at) >> 1 == 0xf8726fba >> 1; }

class Search {
 public:
  explicit Search(Bytes data) : data_(data) {}

  bool is_found_at(size_t at) {
    switch (data_[at]) {
      case 0xff:
        return is_chain<adts_frame_size>(data_, at, believed_later) ||
               is_chain<mpeg_frame_size_at>(data_, at, believed_later) || is_second_dts(at);
      case 0x56:
        return is_chain<loas_frame_size>(data_, at, believed_later);
      case 0x0b:
      case 0x77:
        return is_chain<ac3_frame_size>(data_, at, believed_of_ac3);
      default:
        return is_truehd(data_, at) || is_second_dts(at);
    }
  }

 private:
  // FFmpeg believes in DTS from the 4th frame on; one alone is an accident.
  bool is_second_dts(size_t at) { return is_dts(data_, at) && ++num_dts_ == 2; }

  const Bytes data_;
  int num_dts_ = 0;
};

// ---- all positions ----

// What compilers make instructions of, also where they do not find it in a loop: 0xff for true.
using Sixteen [[gnu::vector_size(16)]] = uint8_t;
constexpr size_t num_lanes = sizeof(Sixteen);

Sixteen load(const uint8_t *from) {
  Sixteen value;
  std::memcpy(&value, from, num_lanes);
  return value;
}

// Where a frame or a rare word may begin with these three bytes.
struct AnyCodec {
  static Sixteen may_begin(Sixteen a, Sixteen b, Sixteen c) {
    const auto is_mpeg = (b >= 0xe2) & (c - 0x10 < 0xe0) & ((c & 0x0c) != 0x0c);
    const auto is_adts = (b & 0xf6) == 0xf0;
    const auto is_dts = (b == 0x1f) & (c == 0);
    const auto is_pair = ((a == 0x0b) & (b == 0x77)) | ((a == 0x77) & (b == 0x0b)) |
                         ((a == 0xf8) & (b == 0x72)) | ((a == 0x7f) & (b == 0xfe)) |
                         ((a == 0xfe) & (b == 0x7f)) | ((a == 0x1f) & (b == 0xff)) |
                         ((a == 0x64) & (b == 0x58));
    return reinterpret_cast<Sixteen>(((a == 0xff) & (is_mpeg | is_adts | is_dts)) |
                                     ((a == 0x56) & (b >= 0xe0)) | is_pair);
  }
};

// "72 f8 1f 4e".
struct Spdif {
  static Sixteen may_begin(Sixteen a, Sixteen b, Sixteen c) {
    return reinterpret_cast<Sixteen>((a == 0x72) & (b == 0xf8) & (c == 0x1f));
  }
};

// Ask `is_found` about each position where something may begin, until it says yes. At the end that
// is every position.
template <class What, class IsFound>
bool any_position(Bytes data, IsFound is_found) {
  size_t at = 0;
  for (; at + num_lanes + 2 <= data.size(); at += num_lanes) {
    const uint8_t *from = data.data() + at;
    const Sixteen marks = What::may_begin(load(from), load(from + 1), load(from + 2));
    uint64_t halves[2];
    std::memcpy(halves, &marks, num_lanes);
    for (const size_t half : {0, 1})
      for (; halves[half] != 0; halves[half] &= halves[half] - 1) {
        const auto bit = static_cast<size_t>(std::countr_zero(halves[half]));
        halves[half] &= ~(uint64_t{0x7f} << bit);
        if (is_found(at + 8 * half + bit / 8)) return true;
      }
  }
  for (; at < data.size(); ++at)
    if (is_found(at)) return true;
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
  return any_position<Spdif>(samples,
                             [=](size_t at) { return read_big(samples, at) == 0x72f81f4e; });
}

bool may_hide_codec(Bytes samples) {
  Search search(samples);
  return begins_chain(samples) ||
         any_position<AnyCodec>(samples, [&](size_t at) { return search.is_found_at(at); });
}

}  // namespace spdl::load
