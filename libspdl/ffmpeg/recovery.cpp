// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/recovery.h"

#include <algorithm>
#include <span>
#include <vector>

namespace spdl::ffmpeg {
namespace {

using Bytes = std::span<const uint8_t>;

// ITU-T H.264, table 7-1 and D.1.
constexpr int nal_slice = 1, nal_idr_slice = 5, nal_sei = 6;
constexpr unsigned sei_recovery_point = 6;

// The NAL units of a packet, one after the other: each after its length (ISO/IEC 14496-15), or
// between start codes (annex B).
class NalUnits {
 public:
  NalUnits(const AVPacket &packet, const AVCodecParameters &parameters)
      : rest_(packet.data, static_cast<size_t>(packet.size)) {
    if (parameters.extradata_size > 4 && parameters.extradata[0] == 1)
      length_size_ = (parameters.extradata[4] & 3u) + 1;
  }

  // An empty one at the end.
  Bytes next() { return length_size_ ? next_by_length() : next_by_start_code(); }

 private:
  Bytes next_by_length() {
    if (rest_.size() < length_size_) return {};
    size_t length = 0;
    for (const uint8_t byte : rest_.first(length_size_)) length = length << 8 | byte;
    rest_ = rest_.subspan(length_size_);
    return take(std::min(length, rest_.size()));
  }

  Bytes next_by_start_code() {
    constexpr uint8_t start_code[] = {0, 0, 1};
    const auto find = [&] {
      const auto found =
          std::search(rest_.begin(), rest_.end(), std::begin(start_code), std::end(start_code));
      return static_cast<size_t>(found - rest_.begin());
    };
    const size_t start = find() + std::size(start_code);
    if (start >= rest_.size()) return {};
    rest_ = rest_.subspan(start);
    return take(find());
  }

  Bytes take(size_t size) {
    const Bytes unit = rest_.first(size);
    rest_ = rest_.subspan(size);
    return unit;
  }

  Bytes rest_;
  size_t length_size_ = 0;  // 0: start codes
};

// The payload of a NAL unit without its emulation prevention bytes (7.4.1).
std::vector<uint8_t> unescape(Bytes unit) {
  std::vector<uint8_t> payload;
  payload.reserve(unit.size());
  int num_zeros = 0;
  for (const uint8_t byte : unit.subspan(1)) {
    if (num_zeros >= 2 && byte == 3) {
      num_zeros = 0;
      continue;
    }
    num_zeros = byte == 0 ? num_zeros + 1 : 0;
    payload.push_back(byte);
  }
  return payload;
}

// Type or size of a message: bytes of 255, and one that is less (7.3.2.3.1).
std::optional<size_t> read_sum(Bytes &rest) {
  for (size_t sum = 0; !rest.empty();) {
    const uint8_t byte = rest.front();
    rest = rest.subspan(1);
    sum += byte;
    if (byte != 255) return sum;
  }
  return std::nullopt;
}

Bytes find_message(Bytes rest, size_t wanted) {
  for (;;) {
    const auto type = read_sum(rest), size = read_sum(rest);
    if (!type || !size || *size > rest.size()) return {};
    if (*type == wanted) return rest.first(*size);
    rest = rest.subspan(*size);
  }
}

bool bit(Bytes bytes, size_t index) {
  return index / 8 < bytes.size() && bytes[index / 8] >> (7 - index % 8) & 1;
}

// recovery_frame_cnt as ue(v), then exact_match_flag.
std::optional<int64_t> read_recovery_point(Bytes message) {
  size_t num_zeros = 0;
  while (num_zeros < 32 && !bit(message, num_zeros)) ++num_zeros;
  int64_t count = 1;
  size_t at = num_zeros + 1;
  for (; at <= 2 * num_zeros; ++at) count = count << 1 | bit(message, at);
  const bool is_exact = bit(message, at);
  if (count == 1) return 0;
  // MaxFrameNum is 2^16 at most.
  return is_exact && count <= 1 << 16 ? std::optional(count - 1) : std::nullopt;
}

}  // namespace

std::optional<int64_t> frames_to_recover(const AVPacket &packet,
                                         const AVCodecParameters &parameters) {
  if (parameters.codec_id != AV_CODEC_ID_H264 || packet.size <= 0) return 0;
  NalUnits units(packet, parameters);
  for (Bytes unit = units.next(); !unit.empty(); unit = units.next()) {
    const int type = unit.front() & 31;
    if (type == nal_slice || type == nal_idr_slice) break;
    if (type != nal_sei) continue;
    const auto payload = unescape(unit);
    const Bytes message = find_message(payload, sei_recovery_point);
    if (!message.empty()) return read_recovery_point(message);
  }
  return 0;
}

}  // namespace spdl::ffmpeg
