// SPDX-License-Identifier: BSD-2-Clause
// What the first and the last bytes of a still picture say, however hostile.
#include "ffmpeg/still.h"

#include <string>

#include "expect.h"

using namespace spdl;
using namespace spdl::ffmpeg;

namespace {

using namespace std::string_literals;

std::optional<Still> recognize(const std::string &bytes) {
  return recognize_still({reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()});
}

// SOF0 of a gray picture of 3 x 2, a scan header, entropy-coded bytes with a stuffed FF.
const std::string soi = "\xff\xd8"s;
const std::string frame = "\xff\xc0\x00\x0b\x08\x00\x02\x00\x03\x01\x01\x11\x00"s;
const std::string scan = "\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x12\xff\x00\x34"s;
const std::string eoi = "\xff\xd9"s;

void jpeg() {
  const auto whole = recognize(soi + frame + scan + eoi);
  EXPECT(whole && whole->codec == AV_CODEC_ID_MJPEG);
  EXPECT_EQ(whole->width, 3);
  EXPECT_EQ(whole->height, 2);
  EXPECT(whole->is_complete);
  EXPECT(!recognize(soi + frame + scan)->is_complete);
  EXPECT(recognize(soi + frame + scan + eoi + "appended"s)->is_complete);
  // Restart markers, alone, right before the end.
  EXPECT(recognize(soi + frame + scan + "\xff\xd0\x12"s + eoi)->is_complete);
  EXPECT(recognize(soi + frame + scan + "\xff\xd0\xff\xd1"s + eoi)->is_complete);
}

Result<void> count(AVCodecID codec, const std::string &bytes) {
  AVPacket packet{};
  packet.data = reinterpret_cast<uint8_t *>(const_cast<char *>(bytes.data()));
  packet.size = static_cast<int>(bytes.size());
  return check_scans(codec, packet, "a.jpg");
}

std::string times(int n, const std::string &text) {
  std::string all;
  while (n-- > 0) all += text;
  return all;
}

// However they are hidden: behind an early end, in a segment that decoders read.
void jpeg_scans() {
  EXPECT(count(AV_CODEC_ID_MJPEG, soi + frame + times(500, scan) + eoi));
  const std::string many = frame + times(501, scan) + eoi;
  for (const std::string &start : {soi, soi + eoi, soi + "\xff\xf0\xff\xff"s, "junk"s + soi}) {
    EXPECT(!count(AV_CODEC_ID_MJPEG, start + many));
    EXPECT(!count(AV_CODEC_ID_AMV, start + many));
  }
  EXPECT(count(AV_CODEC_ID_H264, soi + many));
  EXPECT(count(AV_CODEC_ID_MJPEG,
               soi + frame + scan + eoi + std::string(1 << 23, 'x') + times(1000, "\xff\xda"s)));
}

// A thumbnail inside a segment is not looked into; padding FF before a marker is.
void jpeg_segments() {
  const std::string thumbnail = soi + frame + scan + eoi;
  const std::string length(1, static_cast<char>(thumbnail.size() + 2));
  const std::string segment = "\xff\xe1\x00"s + length + thumbnail;
  EXPECT(!recognize(soi + segment + frame + scan)->is_complete);
  EXPECT(recognize(soi + segment + frame + scan + eoi)->is_complete);
  EXPECT_EQ(recognize(soi + "\xff\xff"s + frame + scan + eoi)->width, 3);
  // A length that leads out of the file.
  EXPECT(!recognize(soi + "\xff\xe1\xff\xff"s + frame + scan + eoi)->is_complete);
}

const std::string magic = "\x89PNG\r\n\x1a\n"s;
const std::string ihdr =
    "\x00\x00\x00\x0dIHDR\x00\x00\x00\x03\x00\x00\x00\x02\x08\x00\x00\x00\x00\x00\x00\x00\x00"s;
const std::string idat = "\x00\x00\x00\x01IDATx\x00\x00\x00\x00"s;
const std::string actl = "\x00\x00\x00\x01"s + "acTLx\x00\x00\x00\x00"s;
const std::string iend = "\x00\x00\x00\x00IEND\xae\x42\x60\x82"s;

void png() {
  const auto whole = recognize(magic + ihdr + idat + iend);
  EXPECT(whole && whole->codec == AV_CODEC_ID_PNG);
  EXPECT_EQ(whole->width, 3);
  EXPECT_EQ(whole->height, 2);
  EXPECT(whole->is_complete);
  EXPECT(!recognize(magic + ihdr + idat)->is_complete);
  EXPECT(!recognize(magic + ihdr + actl + idat + iend));  // animated
  EXPECT(recognize(magic + ihdr + idat + actl + iend));   // no APNG: too late
  EXPECT(!recognize(magic + ihdr + "\xff\xff\xff\xffIDAT"s)->is_complete);
}

void webp() {
  const std::string body = "WEBPVP8L\x0d\x00\x00\x00\x2f\x02\x40\x00\x00"s + std::string(9, 'x');
  const std::string size(1, static_cast<char>(body.size()));
  const std::string whole = "RIFF"s + size + "\0\0\0"s + body;
  const auto still = recognize(whole);
  EXPECT(still && still->codec == AV_CODEC_ID_WEBP);
  EXPECT_EQ(still->width, 3);
  EXPECT_EQ(still->height, 2);
  EXPECT(still->is_complete);
  const std::string longer(1, static_cast<char>(body.size() + 1));
  EXPECT(!recognize("RIFF"s + longer + "\0\0\0"s + body)->is_complete);
  EXPECT(!recognize("RIFF"s + size + "\0\0\0WEBPVP8X\x0a\0\0\0\x02"s + std::string(20, '\0')));
}

// No beginning of any of them is read past its end (AddressSanitizer looks on).
void beginnings() {
  for (const std::string &whole : {soi + frame + scan + eoi, magic + ihdr + actl + idat + iend})
    for (size_t size = 0; size <= whole.size(); ++size) {
      const std::vector<uint8_t> exact(whole.begin(), whole.begin() + static_cast<long>(size));
      const auto still = recognize_still(exact);
      EXPECT(!still || !still->is_complete || size == whole.size());
    }
  EXPECT(!recognize(""));
  EXPECT(!recognize("GIF89a"));
}

}  // namespace

int main() {
  jpeg();
  jpeg_segments();
  jpeg_scans();
  png();
  webp();
  beginnings();
  return spdl::unit::num_failed != 0;
}
