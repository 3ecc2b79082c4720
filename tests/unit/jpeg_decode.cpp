// SPDX-License-Identifier: BSD-2-Clause
// Planes of JPEGs of every kind and scale equal those of two other ways: libjpeg's own scanlines,
// and FFmpeg's frames.
#include "jpeg/decode.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/pixdesc.h>
}

#include <algorithm>

#include "expect.h"
#include "jpeg_encode.h"

using namespace spdl;
using namespace spdl::unit;

namespace {

std::optional<jpeg::Image> decode(const Bytes &file, int denominator) {
  auto image = jpeg::decode(file, denominator, Limits{}, "a.jpg");
  return image ? std::move(*image) : std::nullopt;
}

int divide_up(int number, int by) { return (number + by - 1) / by; }

struct Ratio {
  int x, y;
};

// Luma samples per chroma sample of the scaled picture: chroma is scaled less than luma while it is
// the coarser in both directions.
Ratio chroma_ratio(const Recipe &recipe, int denominator) {
  Ratio ratio{recipe.luma_x / recipe.chroma_x, recipe.luma_y / recipe.chroma_y};
  for (; denominator > 1 && ratio.x > 1 && ratio.y > 1; denominator /= 2) {
    ratio.x /= 2;
    ratio.y /= 2;
  }
  return ratio;
}

// Interleaved Y, Cb, Cr; chroma is repeated, not interpolated.
Bytes read_scanlines(const Bytes &file, int denominator) {
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, file.data(), static_cast<unsigned long>(file.size()));
  jpeg_read_header(&info, TRUE);
  info.scale_num = 1;
  info.scale_denom = static_cast<unsigned>(denominator);
  info.out_color_space = info.jpeg_color_space;
  info.do_fancy_upsampling = FALSE;
  jpeg_start_decompress(&info);
  const size_t stride = size_t{info.output_width} * static_cast<size_t>(info.output_components);
  Bytes pixels(stride * info.output_height);
  while (info.output_scanline < info.output_height) {
    JSAMPROW rows[] = {&pixels[info.output_scanline * stride]};
    jpeg_read_scanlines(&info, rows, 1);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return pixels;
}

// What is wrong with the image, if anything.
std::string compare_to_scanlines(const jpeg::Image &image, const Recipe &recipe, int denominator,
                                 const Bytes &pixels) {
  const int n = num_components(recipe);
  const int width = divide_up(recipe.width, denominator);
  const int height = divide_up(recipe.height, denominator);
  if (image.num_planes != n || image.width != width || image.height != height) return "size";
  for (int i = 0; i < n; ++i) {
    const jpeg::Plane &plane = image.planes[static_cast<size_t>(i)];
    const Ratio ratio = i ? chroma_ratio(recipe, denominator) : Ratio{1, 1};
    if (plane.width != divide_up(width, ratio.x) || plane.height != divide_up(height, ratio.y) ||
        plane.stride < plane.width)
      return "size of plane " + std::to_string(i);
    if (reinterpret_cast<uintptr_t>(plane.data) % jpeg::alignment || plane.stride % jpeg::alignment)
      return "alignment";
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        if (plane.data[y / ratio.y * plane.stride + x / ratio.x] !=
            pixels[static_cast<size_t>((y * width + x) * n + i)])
          return "sample " + std::to_string(x) + ", " + std::to_string(y) + " of plane " +
                 std::to_string(i);
  }
  return "";
}

void scales(const Recipe &recipe) {
  const Bytes file = encode(recipe);
  for (const int denominator : {1, 2, 4, 8}) {
    const auto image = decode(file, denominator);
    const std::string problem =
        image ? compare_to_scanlines(*image, recipe, denominator, read_scanlines(file, denominator))
              : "no image";
    EXPECT_EQ(describe(recipe) + ", 1/" + std::to_string(denominator) + ": " + problem,
              describe(recipe) + ", 1/" + std::to_string(denominator) + ": ");
  }
}

// --- FFmpeg
// ---------------------------------------------------------------------------------------

constexpr int no_frame = 256;

// The largest difference of a sample; no_frame if a size differs.
int largest_difference(const jpeg::Image &image, const AVFrame &frame) {
  const auto *format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  if (!format || format->nb_components != image.num_planes) return no_frame;
  int largest = 0;
  for (size_t i = 0; i < format->nb_components; ++i) {
    const jpeg::Plane &plane = image.planes[i];
    const int width = AV_CEIL_RSHIFT(frame.width, i ? format->log2_chroma_w : 0);
    const int height = AV_CEIL_RSHIFT(frame.height, i ? format->log2_chroma_h : 0);
    if (plane.width != width || plane.height != height) return no_frame;
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        largest = std::max(largest, std::abs(plane.data[y * plane.stride + x] -
                                             frame.data[i][y * frame.linesize[i] + x]));
  }
  return largest;
}

int difference_to_ffmpeg(const Bytes &file) {
  const auto image = decode(file, 1);
  AVCodecContext *codec = avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_MJPEG));
  AVPacket *packet = av_packet_alloc();
  AVFrame *frame = av_frame_alloc();
  int difference = no_frame;
  if (image && avcodec_open2(codec, codec->codec, nullptr) == 0 &&
      av_new_packet(packet, static_cast<int>(file.size())) == 0) {
    std::ranges::copy(file, packet->data);
    if (avcodec_send_packet(codec, packet) == 0 && avcodec_receive_frame(codec, frame) == 0)
      difference = largest_difference(*image, *frame);
  }
  av_frame_free(&frame);
  av_packet_free(&packet);
  avcodec_free_context(&codec);
  return difference;
}

// --- What is decoded
// ------------------------------------------------------------------------------

std::vector<Recipe> samplings() {
  std::vector<Recipe> all(7);
  all[1].luma_x = 2;                    // 4:2:2
  all[2].luma_x = all[2].luma_y = 2;    // 4:2:0
  all[3].luma_y = 2;                    // 4:4:0
  all[4].luma_x = 4;                    // 4:1:1
  all[5].luma_x = all[5].chroma_x = 2;  // 4:4:4 in larger MCUs
  all[6].colors = JCS_GRAYSCALE;
  return all;
}

void common_kinds() {
  constexpr int sizes[][2] = {{1, 1},   {1, 17}, {17, 1}, {15, 33}, {16, 16},
                              {32, 48}, {33, 7}, {7, 65}, {97, 71}};
  for (const Recipe &sampling : samplings())
    for (const auto &size : sizes)
      for (const bool is_progressive : {false, true}) {
        Recipe recipe = sampling;
        recipe.width = size[0];
        recipe.height = size[1];
        recipe.is_progressive = is_progressive;
        scales(recipe);
        EXPECT(difference_to_ffmpeg(encode(recipe)) <= 2);
      }
}

// Rarer ones, some of which FFmpeg does not decode.
void rare_kinds() {
  for (const auto &[x, y] : {std::pair{1, 4}, {4, 2}, {2, 4}}) {
    Recipe recipe;
    recipe.luma_x = x;
    recipe.luma_y = y;
    scales(recipe);
  }
  Recipe finer;
  finer.luma_x = 4;
  finer.chroma_x = 2;
  scales(finer);
  Recipe gray;
  gray.colors = JCS_GRAYSCALE;
  gray.luma_x = 3;
  gray.luma_y = 2;
  for (const bool is_progressive : {false, true}) {
    gray.is_progressive = is_progressive;
    scales(gray);
  }
}

void coding() {
  for (Recipe recipe : samplings()) {
    recipe.width = 150;
    recipe.height = 83;
    for (const int quality : {5, 100}) {
      recipe.quality = quality;
      scales(recipe);
    }
    recipe.is_optimized = true;
    scales(recipe);
    for (const unsigned interval : {1U, 5U}) {
      recipe.restart_interval = interval;
      scales(recipe);
      EXPECT(difference_to_ffmpeg(encode(recipe)) <= 2);
    }
    recipe.is_progressive = true;
    scales(recipe);
#if defined(C_ARITH_CODING_SUPPORTED) && defined(D_ARITH_CODING_SUPPORTED)
    recipe.is_optimized = false;
    recipe.is_arithmetic = true;
    scales(recipe);
    recipe.is_progressive = false;
    scales(recipe);
#endif
  }
}

// A scan for each component, of a file that is not progressive.
void separate_scans() {
  Recipe recipe;
  recipe.luma_x = recipe.luma_y = 2;
  for (const int component : {0, 2, 1}) recipe.scans.push_back({1, {component}, 0, 63, 0, 0});
  scales(recipe);
}

// What lies behind the end is not the picture's.
void appended() {
  Bytes file = encode(Recipe{});
  const auto plain = decode(file, 1);
  file.insert(file.end(), {'m', 'o', 'r', 'e', 0xff, 0xd8, 0xff});
  const auto more = decode(file, 1);
  EXPECT(plain && more);
  EXPECT(plain && more &&
         std::equal(plain->planes[0].data, plain->planes[0].data + 33, more->planes[0].data));
}

}  // namespace

int main() {
  common_kinds();
  rare_kinds();
  coding();
  separate_scans();
  appended();
  return num_failed != 0;
}
