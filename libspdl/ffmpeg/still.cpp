// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/still.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <string_view>

#include "ffmpeg/input.h"

namespace spdl::ffmpeg {
namespace {

using Data = std::span<const uint8_t>;

// More passes than any encoder makes: a file that has them wants to keep the decoder busy.
constexpr int max_scans = 500;
constexpr size_t magic_size = 16;

bool has(Data data, size_t at, std::string_view text) {
  return data.size() >= at + text.size() && std::memcmp(&data[at], text.data(), text.size()) == 0;
}

int be16(Data data, size_t at) { return data[at] << 8 | data[at + 1]; }
int le16(Data data, size_t at) { return data[at + 1] << 8 | data[at]; }
int le24(Data data, size_t at) { return data[at + 2] << 16 | le16(data, at); }
uint32_t le32(Data data, size_t at) {
  return static_cast<uint32_t>(le16(data, at + 2)) << 16 | static_cast<uint32_t>(le16(data, at));
}
uint32_t be32(Data data, size_t at) {
  return static_cast<uint32_t>(be16(data, at)) << 16 | static_cast<uint32_t>(be16(data, at + 2));
}

bool is_jpeg(Data data) { return has(data, 0, "\xff\xd8\xff"); }
bool is_png(Data data) { return has(data, 0, "\x89PNG\r\n\x1a\n"); }
bool is_webp(Data data) { return has(data, 0, "RIFF") && has(data, 8, "WEBP"); }

// The code of the next marker FF xx, from `at` on; data.size() if there is none. In entropy-coded
// data FF is followed by 00, and markers may be preceded by any number of FF.
size_t next_marker(Data data, size_t at) {
  while (at + 1 < data.size()) {
    const void *found = std::memchr(&data[at], 0xff, data.size() - at - 1);
    if (!found) break;
    at = static_cast<size_t>(static_cast<const uint8_t *>(found) - data.data()) + 1;
    if (data[at] != 0x00 && data[at] != 0xff) return at;
  }
  return data.size();
}

bool is_frame_header(uint8_t marker) {  // SOFn
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

// ITU-T T.81 B.1: markers FF xx, most of them with two bytes of length and a payload. The frame
// header SOFn has the size; EOI is the end.
Still jpeg_header(Data data) {
  constexpr uint8_t end_of_image = 0xd9;
  Still still{AV_CODEC_ID_MJPEG};
  for (size_t at = next_marker(data, 2); at < data.size(); at = next_marker(data, at)) {
    const uint8_t marker = data[at];
    if (marker == end_of_image) {
      still.is_complete = true;
      break;
    }
    const bool is_alone = marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    if (!is_alone && at + 2 >= data.size()) break;
    if (is_frame_header(marker) && still.width == 0 && at + 7 < data.size()) {
      still.height = be16(data, at + 4);
      still.width = be16(data, at + 6);
    }
    at += 1 + (is_alone ? 0 : static_cast<size_t>(be16(data, at + 1)));
  }
  return still;
}

// Wherever SOS stands, for decoders differ in what they skip: at least the number of scans.
int count_scans(Data data) {
  constexpr uint8_t start_of_scan = 0xda;
  int count = 0;
  for (size_t at = next_marker(data, 0); at < data.size(); at = next_marker(data, at))
    count += data[at] == start_of_scan;
  return count;
}

bool is_jpeg_codec(AVCodecID codec) {
  return codec == AV_CODEC_ID_MJPEG || codec == AV_CODEC_ID_MJPEGB || codec == AV_CODEC_ID_AMV ||
         codec == AV_CODEC_ID_THP || codec == AV_CODEC_ID_SP5X || codec == AV_CODEC_ID_MXPEG;
}

// PNG 1.2, 11.2.2: IHDR comes first, IEND last. An APNG has acTL before its first IDAT.
std::optional<Still> png_header(Data data) {
  Still still{AV_CODEC_ID_PNG};
  if (!has(data, 12, "IHDR") || data.size() < 24) return still;
  constexpr uint32_t largest = 0x7fffffff;
  still.width = static_cast<int>(std::min(be32(data, 16), largest));
  still.height = static_cast<int>(std::min(be32(data, 20), largest));
  bool has_data = false;
  for (size_t at = 8; at + 12 <= data.size() && !still.is_complete;
       at += size_t{12} + be32(data, at)) {
    if (has(data, at + 4, "acTL") && !has_data) return std::nullopt;
    if (has(data, at + 4, "IDAT")) has_data = true;
    if (has(data, at + 4, "IEND")) still.is_complete = true;
  }
  return still;
}

// RFC 9649, section 2: the first chunk is VP8 (lossy), VP8L (lossless) or VP8X (extended).
std::optional<Still> webp_header(Data data) {
  Still still{AV_CODEC_ID_WEBP};
  if (data.size() < 30) return still;
  still.is_complete = size_t{8} + le32(data, 4) <= data.size();
  if (is_animated_webp(data)) return std::nullopt;
  if (has(data, 12, "VP8X")) {
    still.width = le24(data, 24) + 1;
    still.height = le24(data, 27) + 1;
  } else if (has(data, 12, "VP8L")) {
    const uint32_t bits = static_cast<uint32_t>(le24(data, 21)) | uint32_t{data[24]} << 24;
    still.width = static_cast<int>(bits & 0x3fff) + 1;
    still.height = static_cast<int>(bits >> 14 & 0x3fff) + 1;
  } else if (has(data, 12, "VP8 ")) {
    still.width = le16(data, 26) & 0x3fff;
    still.height = le16(data, 28) & 0x3fff;
  }
  return still;
}

bool is_pnm(Data data) {
  return data.size() > 2 && data[0] == 'P' && std::strchr("123456FfHh", data[1]) && data[1] != 0;
}

// A number of a PNM's header, behind spaces and comments; -1 if there is none.
int pnm_number(Data &rest) {
  const auto drop_while = [&](auto condition) {
    while (!rest.empty() && condition(rest.front())) rest = rest.subspan(1);
  };
  for (;;) {
    drop_while([](uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); });
    if (rest.empty() || rest.front() != '#') break;
    drop_while([](uint8_t c) { return c != '\n'; });
  }
  constexpr int64_t largest = std::numeric_limits<int>::max();
  int64_t number = -1;
  drop_while([&](uint8_t c) {
    if (c < '0' || c > '9') return false;
    number = std::min(std::max<int64_t>(number, 0) * 10 + c - '0', largest);
    return true;
  });
  return static_cast<int>(number);
}

// FFmpeg's parser of PNM drops a picture beyond the limit and says nothing of it.
Result<void> check_pnm(const Source &source, Reader &reader, const Limits &limits) {
  uint8_t header[512];
  const int n = reader.read(0, header, limits);
  if (n < 2) return {};
  Data rest = Data(header, static_cast<size_t>(n)).subspan(2);
  const int width = pnm_number(rest);
  const int height = pnm_number(rest);
  return limits.check_pixels(Origin::demux, width, height, source.name);
}

Error cut_short(const Source &source, int code, const Limits &limits) {
  return open_failure(source, code < 0 ? -code : EIO, limits);
}

// All bytes in a buffer with the padding that FFmpeg's decoders read past the end.
Result<BufferRef> read_all(Reader &reader, Data head, const Source &source, const Limits &limits) {
  const auto size = static_cast<size_t>(reader.size());
  auto buffer = own<BufferRef>(av_buffer_alloc(size + AV_INPUT_BUFFER_PADDING_SIZE));
  size_t done = std::min(head.size(), size);
  std::memcpy(buffer->data, head.data(), done);
  while (done < size) {
    SPDL_TRY(limits.check(Origin::source, source.name));
    const size_t wanted = std::min(size - done, size_t{1} << 24);
    const int n = reader.read(static_cast<int64_t>(done), {buffer->data + done, wanted}, limits);
    if (n <= 0) return cut_short(source, n, limits);
    done += static_cast<size_t>(n);
  }
  std::memset(buffer->data + size, 0, AV_INPUT_BUFFER_PADDING_SIZE);
  return buffer;
}

Result<void> check_num_scans(Data data, const std::string &source) {
  const int num_scans = count_scans(data);
  // Large files hold appended data, in which the two bytes stand by chance.
  if (num_scans <= max_scans + static_cast<int>(data.size() >> 14)) return {};
  return Error{Status::limit, Origin::demux,
               source + ": a JPEG of " + std::to_string(num_scans) + " scans; at most " +
                   std::to_string(max_scans) + " are decoded."};
}

PacketsPtr make_still(const Still &still, BufferRef buffer, size_t size, const Source &source) {
  auto packet = make_packet();
  packet->data = buffer->data;
  packet->size = static_cast<int>(size);
  packet->buf = buffer.release();
  packet->pts = packet->dts = 0;
  packet->flags = AV_PKT_FLAG_KEY | (still.is_complete ? 0 : AV_PKT_FLAG_CORRUPT);

  auto parameters = own<ParametersPtr>(avcodec_parameters_alloc());
  parameters->codec_type = AVMEDIA_TYPE_VIDEO;
  parameters->codec_id = still.codec;
  parameters->width = still.width;
  parameters->height = still.height;

  // The clock that FFmpeg's image demuxers give a picture: 25 per second.
  auto packets = std::make_shared<Packets>();
  packets->media = Media::image;
  packets->source = source.name;
  packets->codec = make_codec(Media::image, *parameters, {1, 25}, {25, 1});
  packets->packets.push_back(std::move(packet));
  packets->num_bytes = static_cast<int64_t>(size);
  return packets;
}

}  // namespace

// The header of an extended file has flags.
bool is_animated_webp(Data data) {
  constexpr uint8_t animation = 0x02;
  return is_webp(data) && has(data, 12, "VP8X") && data.size() > 20 && data[20] & animation;
}

std::optional<Still> recognize_still(Data data) {
  if (is_jpeg(data)) return jpeg_header(data);
  if (is_png(data)) return png_header(data);
  if (is_webp(data)) return webp_header(data);
  return std::nullopt;
}

Result<void> check_scans(AVCodecID codec, const AVPacket &packet, const std::string &source) {
  if (!is_jpeg_codec(codec)) return {};
  return check_num_scans({packet.data, static_cast<size_t>(packet.size)}, source);
}

Result<PacketsPtr> read_still(const Source &source, Reader &reader, const Limits &limits) {
  if (reader.size() < 0) return nullptr;  // what is read is gone
  uint8_t magic[magic_size];
  const int n = reader.read(0, magic, limits);
  if (n < 0) return cut_short(source, n, limits);
  const Data head(magic, static_cast<size_t>(n));
  if (is_pnm(head)) SPDL_TRY(check_pnm(source, reader, limits));
  if (!is_jpeg(head) && !is_png(head) && !is_webp(head)) return nullptr;

  SPDL_TRY(limits.check_bytes(Origin::demux, reader.size(), source.name));
  if (reader.size() > std::numeric_limits<int>::max() - AV_INPUT_BUFFER_PADDING_SIZE)
    return nullptr;
  SPDL_TRY_ASSIGN(auto buffer, read_all(reader, head, source, limits));
  const auto size = static_cast<size_t>(reader.size());
  const auto still = recognize_still({buffer->data, size});
  if (!still) return nullptr;
  SPDL_TRY(limits.check_pixels(Origin::demux, still->width, still->height, source.name));
  if (still->codec == AV_CODEC_ID_MJPEG)
    SPDL_TRY(check_num_scans({buffer->data, size}, source.name));
  return make_still(*still, std::move(buffer), size, source);
}

}  // namespace spdl::ffmpeg
