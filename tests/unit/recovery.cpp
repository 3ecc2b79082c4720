// SPDX-License-Identifier: BSD-2-Clause
// Recovery points of H.264 are found where they are, and hostile packets are read within bounds.
#include "ffmpeg/recovery.h"

#include <random>
#include <vector>

#include "expect.h"
#include "ffmpeg/ptr.h"

using namespace spdl::ffmpeg;

namespace {

using Bytes = std::vector<uint8_t>;

// A slice after whatever comes before it.
const Bytes slice{0x41, 0x9a, 0x02}, idr_slice{0x65, 0x88, 0x84};
// ue(v) 0, then exact_match_flag: 1 1 0…
const Bytes recovers_at_once{0x06, 0x06, 0x01, 0xc4, 0x80};
// ue(v) 49 is 00000 110010; exact_match_flag 1.
const Bytes recovers_in_49{0x06, 0x06, 0x02, 0x06, 0x58, 0x80};
const Bytes never_exact{0x06, 0x06, 0x02, 0x06, 0x48, 0x80};
// A message of another type with 256 bytes before it, one of which prevents emulation.
Bytes after_another() {
  Bytes unit{0x06, 0x05, 0xff, 0x01};
  for (int i = 0; i < 256; ++i) unit.push_back(0x11);
  unit[10] = unit[11] = 0;
  unit[12] = 1;
  unit.insert(unit.begin() + 12, 3);
  unit.insert(unit.end(), recovers_in_49.begin() + 1, recovers_in_49.end());
  return unit;
}

ParametersPtr parameters(AVCodecID id, int length_size) {
  auto made = own<ParametersPtr>(avcodec_parameters_alloc());
  made->codec_id = id;
  if (length_size == 0) return made;
  made->extradata_size = 7;
  made->extradata = static_cast<uint8_t *>(av_mallocz(7 + AV_INPUT_BUFFER_PADDING_SIZE));
  made->extradata[0] = 1;
  made->extradata[4] = static_cast<uint8_t>(0xfc | (length_size - 1));
  return made;
}

Bytes join(const std::vector<Bytes> &units, int length_size) {
  Bytes joined;
  for (const Bytes &unit : units) {
    if (length_size == 0) joined.insert(joined.end(), {0, 0, 1});
    for (int byte = length_size - 1; byte >= 0; --byte)
      joined.push_back(static_cast<uint8_t>(unit.size() >> (8 * byte)));
    joined.insert(joined.end(), unit.begin(), unit.end());
  }
  return joined;
}

std::optional<int64_t> recover(const Bytes &bytes, int length_size,
                               AVCodecID id = AV_CODEC_ID_H264) {
  const auto packet = own<PacketPtr>(av_packet_alloc());
  // Exactly as long as the bytes, so that a sanitizer sees what is read beyond them.
  std::vector<uint8_t> data(bytes);
  data.shrink_to_fit();
  packet->data = data.data();
  packet->size = static_cast<int>(data.size());
  const auto found = frames_to_recover(*packet, *parameters(id, length_size));
  packet->data = nullptr;
  packet->size = 0;
  return found;
}

void of_units() {
  for (const int length_size : {0, 1, 2, 4}) {
    const auto of = [&](const std::vector<Bytes> &units) {
      return recover(join(units, length_size), length_size);
    };
    EXPECT(of({idr_slice}) == 0);
    EXPECT(of({slice}) == 0);
    EXPECT(of({recovers_at_once, slice}) == 0);
    EXPECT(of({{0x09, 0x10}, recovers_in_49, slice}) == 49);
    EXPECT(of({slice, recovers_in_49}) == 0);  // that of the next picture
    EXPECT(!of({never_exact, slice}));
    if (length_size != 1) EXPECT(of({after_another(), slice}) == 49);
  }
  EXPECT(recover(join({recovers_in_49, slice}, 0), 0, AV_CODEC_ID_HEVC) == 0);
}

void of_damaged_units() {
  EXPECT(recover({}, 0) == 0);
  EXPECT(recover({0, 0, 1}, 0) == 0);
  EXPECT(recover({0xff, 0xff, 0xff, 0xff, 0x06}, 4) == 0);
  EXPECT(recover({0, 0, 1, 0x06, 0x06, 0xff, 0xff}, 0) == 0);
  EXPECT(!recover({0, 0, 1, 0x06, 0x06, 0x03, 0, 0, 0}, 0));  // a count without an end
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    const int length_size = static_cast<int>(random() % 5);
    Bytes bytes = join({{0x09, 0x10}, after_another(), recovers_in_49, slice}, length_size);
    bytes.resize(random() % bytes.size());
    for (int i = 0; i < 3 && !bytes.empty(); ++i)
      bytes[random() % bytes.size()] = static_cast<uint8_t>(random());
    const auto found = recover(bytes, length_size == 3 ? 4 : length_size);
    EXPECT(!found || (*found >= 0 && *found < 1 << 16));
  }
}

}  // namespace

int main() {
  of_units();
  of_damaged_units();
  return spdl::unit::num_failed != 0;
}
