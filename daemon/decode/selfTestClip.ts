/**
 * A clip whose pixels are known, to find out whether a decoder really decodes: five pictures of SMPTE colour bars that move 16 pixels
 * to the left each, 256×144, limited range, H.264 main profile with CABAC: an IDR and four P pictures. Made with ffmpeg 5.1 and x264 164:
 *
 *   ffmpeg -f lavfi -i smptebars=size=320x160:rate=10 -vf "crop=256:144:n*16:0,format=yuv420p" -frames:v 5 \
 *     -c:v libx264 -profile:v main -preset slow -tune zerolatency -crf 12 \
 *     -x264-params keyint=5:sliced-threads=0:threads=1:aud=0:cabac=1 -bsf:v filter_units=remove_types=6 -f h264 clip.h264
 */
export const SELF_TEST = {
  input: { width: 256, height: 144 },
  pictures: 5,
  /** What it is scaled to. Mean values are compared in blocks of 8×8 luma pixels, so bar edges fall on block edges. */
  output: { width: 128, height: 72 },
  block: 8,
} as const;

export const SELF_TEST_CLIP: Buffer = Buffer.from(
  [
    'AAAAAWdNQAvZgQE7ARAAAAMAEAAAAwFI8UKmgAAAAAFo6XA7LIAAAAFliIQM//731LfMstmpvtfx/WDf6qQGap/L+EMU0sAV',
    'Bbhgp54N0VVWaXPyi4Z4Agi4d7zTmO/NZAoe5/6n8jbL06H/P2KCwgc8vbEh+PDM76YxvcgQZlIqcv6WOfEAZOQCqs339WlU',
    'vf/MOQ59orwRlZc1PWvNJdrc6OgoV3RNjQBMNxE6Ul4R/zOxkv7u6GDw32ZQ0Nduv+p78IQaOC7uF0edx75a6BvK1LkobE1r',
    'PjdnrAj/AMcz8zH4Kd15d4EKrhTcI9JWg1wR8kY05BRhPICtF4J7SRvopBYA+mZC5U7dKtMRadL9fitrhzYZYEYAarQ67jG6',
    'ZfRMJ0Q3/Ij1JqXOttjgFumxDrb6BTfgJ2I82ttiq0xhYhadW+8sh0tk7tqPiRA0vBbalGUoPKCS+zG8yJnzuioMsLv0WKg+',
    'dFOxuogsTnAOLZZ2IL+9rEOL8xxuF8oz9ZTtTjJWYJnSmY8a3XTzz8SsH99FzJABLm5vaBEE/uypE7Imz/3CbsPOvyrxoTH3',
    'xxTUYwiSdw1QlFuxYPTNog+HQwFwuncjACjTR8b96LYRgR43jkNKGIlvQS5HMSGHqUqu1tRHkt+YSJa7aIyB/PycG/AbdFp3',
    'bNUTIfI34D82r7itam0W6+UHjj8RNezekpoi/tx0EcWoMnj/sbR+5QT3F7YZogVubMQG4SAi9GLPVrioB+q7GHu2BE4mY8bB',
    'EwsF1zO2O0Mo7jY2lpvFCfNSRxzUHt+anC5l4h+Ge3ZlI70RLIFNoyjVfj+IzE3dV2YpxSquCDLQOD0giGSxF3Or2lKhkUYY',
    'PNQjy6LFMq8gZXZJRWYsA4+EN0P7JvTncd6af5zjGRmbEgkJST5eYZvaK22I+jogCOXq98nHEQG18O0cR3jvKw7nGiR1rxke',
    'H+MAs5mdts9NBQ2oyFLKzdSMxKRwc6+SZnsJojkGRT63pO76iYyPgnXihG+gEhUOirIgCewh3ze5Be80CTKaRaaXLL7nawoa',
    'PbMvFyFithO8m3O3H8xwn/ScAtfbJXgZqSJzbbkAAAABQZo7EM/6r/3AmUIUS6UP//4Es1FV2D/gUhLEhwbkR+bz///Pgv4F',
    'Ia8As+4hD7EL+RFfhQ+V2xJAFycOAnX4/wDdPkIZhPYoxtLARWfkUM+EowhLd6SejsmKsJwOROX7+WbNOpxT3wQaLzZBzGHA',
    'slc2uOINgHlX5DyzEwu0Tg+TQCKHILBRPZw5+JT4LlxpHPUVOIj1YGcE6FYWncQXGhwPQcRHTZbf+1Jm+CFr1Lw456/pM2ma',
    'xE+D3w5ZJLMkcV86jHOiARnN4hkw/qxeoGECY+oGS/dGFHyRhaaDI8FkHtKsi3P+4Uyd8Rj7lrBATcXZek9m9Ii0MCEqPVvJ',
    'syE01ww03rK1F8HgZIEoiU99XR2F8poHtLzOsmQ/3oEK1adxbu8fROUfepKpbyi7frTuyBxR17s9qDVH+H8rSgAAAAFBmlfh',
    'DJlMIv/R2798E41/+Epu+v7reTpgSzUVXHL5lf4fx4I84FIY///z4L+BSGuzG9KqIaLFkeF4F/EGL0tRrQWA2pQxOmeF1Kfb',
    'ch18BHyaJSFLCozDAfVnpd2ErSWczJ0FR55w6EwNzG8yOtk9cLk3cQAOtwbsWKYKDF6irasBxgTpVVxEmoQ66KwnYSjLaGgx',
    'Tazqt9JcQK5T28Oy7pM6AJo3c/YOs0fdt74YRBjdfeV7m3bn5+isjhpvUIPYDBQZnkaW4Og5eTixHBYV089AvbwK3HF4MnxX',
    'j5XcnbtsNISlZv2pZn8AqPUDNzK3thMa9BghY9TfyzYHESazqXpWZqIsXybxTeR76KNlabKshchoKx0NBgKKB/hCr3ohjU6b',
    'uKYdLnng9mS1vuwy+HYggvZ5TsGVxLqJEcv/xH+216elYGF1DCavapLNHqRzhZFBLGsia2ac4ZlQqVC3uFu9bbUpKwE9qqdh',
    'O2gf5L2HtDz5aqbu9l3f07yOqKh05UBltG+n3PVIRCDoGUubIzhevedE0xe9f1gVxkY/z0MArJ8c6fJYsXGXGcMAAAABQZpy',
    'eEPJlMCGf6vFBk/+Jlu1XdiPsMVgoYfJfavLpMgI1lPvdtVEoy2qbvKkCu2ZCabNpPA9NjjyjHj/41AAAAABQZqPCH5MpgEM',
    '//TUOVz6yz6/mynh7Ebrmjy8SPN+iH/33a1PdonhKAG8K6LaCNqeg6NZ23f+Vj7KCsbZ',
  ].join(''),
  'base64',
);

/** The same pictures in H.265 main profile, by x265 199 (`-crf 14 -x265-params keyint=5:min-keyint=5:bframes=0:repeat-headers=1:info=0`). */
export const SELF_TEST_CLIP_H265: Buffer = Buffer.from(
  [
    'AAAAAUABDAH//wFgAAADAJAAAAMAAAMAHpaAkAAAAAFCAQEBYAAAAwCQAAADAAADAB6gCAgJFllqSTK8BaAgAAADACAAAAMBQQAA',
    'AAFEAcFytGJAAAABKAGvD9ilHh6A6WB5SkYT8uUR2Q/YB48dVDuO0WRCyk4/qf5H4f6NtArobFiV8ulpOfxAysNxobonivPm+tTJ',
    'Ao54jiQMW86dlGibsMlQJABrOUM0aCw097fG0t6FDDgKo5XX92eR+3LvZtUtf5C/H7eslQyrklGGJerSySddfZgb02ReEyiW5Mzy',
    'PzE6WWEBvXljLmRXFHQn4EZpH309NTpZVEanNQY0qV+/dwabqhcaYEUstWEHDeH6PxfmgWAN1twLcJwzGov1wzD4r8qzIb8An7fD',
    '85LoQb24+AMnILDgp7/gUTtvDx49r/JgB4AoofIwVSvVH//8cBn7vqP8a6zTpISUcWIe7lygYr5uxXoMdGURtKo8rotslqBzptPs',
    '/Q9pn6C9ZC8uy0k+QphrG/ycDbnl/k/p+0RYpGVx7S1BB2H6/GtsYpqjFvPKCpwUuJI1toXljpD+TBz0Y6T4oU6nht17iVpddkHT',
    'HN5VwRcKxCJOsS/JEWlneRGDeeX1IR9Eb/DzcOh1Lb0AAj34fE7/99J/e0mahsBIUMe1uneymCGoy+Crdzam1iKtqmwrweJQ6fo+',
    '38REHMYVlLYI0lYUNTl258tQXNvB6FlcVt3mfeI4ZonHjHwMm4iHuhjn39dx83K/FZmgdtcR2mnk4A7HuzTEm8J44H/qwNqk09Va',
    'AcEIbBicn6X5DQbQq/jQS55jo7rhG4lT/k6Ez6IFUwHxSv6PirLlO98lvhbPjH8nwpc5s7a0VO/SMF3ABci1+rPj6ntogeCrB7JX',
    'KVD++sTP30HK52srWsQIJUf3COPtTVdYvwOgpREVF92IDCT4R2PJ9WmBrcSmWtjlqhEnbS2pLxtoHR3m4mZHSDzD3RjV/0buJUQ7',
    'fAeaH0Mcw121b+ETcvJO8h2R+EMyJMBQFq0GfDaYZQojzwEmCYYwg61KcCF0/dHGcYAABz6WJ11eZx6zEFr///jnkXPrAlhbCRGh',
    'BYF7S7ney/ujlBwM81ngbNPM/8QilP3+PVUHar4iyaK4bJrJ0qCZExNsmhCfEzmoAqABH8gBQ4Av+D12AAAVVEN54GLEbedcdHxS',
    'rFYOZrjBWo4OIgYGC4+aeP1sMkQ2Rvf8FIwA62hefElmT5eBFi5aMimtbAebUDxuaCEbkH5PS7DfMGcPLBNWfajmNCVEyNzHj5CG',
    'ZR0DlzzUwwIq8OFOunMrDYAAAAABAgHQCX4Qxglsyu8d5rsyipVEbIvoE9/U3ksn6Lc/O6tInm4mzp23lPocQj4j6HkFnqZLDltg',
    '4RyJTEv60toVuM7uEmPl5p80OnlmM949j7X5RgkYELflS6DvOrARHP5RW6lnVE3D3AAAAAECAdAR/9RDBgpM7DfANlapRyC7N5Sw',
    'Ck4AJy6/Yev0vaef3Dr+Y+BP6GLqaYj7HYiBn+KmChGA4IGmZZ+zUIUJ06dm8Ca/2+iY2Kz9hLgfE2js9i/qYN/7U5eGOzzKxepY',
    'O+8Mdd239QamyYDQMlu0SRBBfaaPI9UsG4e8AT4HRuZ1XnPjLJZKLJWWDto4qiqXEGZnevbAER1A/Yy8YwS7qHEUHr0js5Fxo7lJ',
    'sEX1CQXxRo/AAAAAAQIB0Bif/cQwGC0yv9A3cHjDGCYteJHuouXUVvwQVGR3INYluBoLh0z4/F40YwZlrk1YPEBML9lFSYCJGCuV',
    '5AHAAAAAAQIB0CC//yRDAGC+ythAQYsotbXzTkjGYfgXMQYFry89AQisD/txiLhP0fJHfEJTsNmA',
  ].join(''),
  'base64',
);

/**
 * The last picture in full range: mean of each block, 16×9 for Y, then U, then V. 75 % bars in BT.601: grey is Y 170, yellow 134/32/144,
 * cyan 112/160/32 and so on, as arithmetic says; four generations of ffmpeg (4.1, 5.1, 7.0, 9.0) give the same numbers ±1.
 */
export const SELF_TEST_MEANS: Buffer = Buffer.from(
  [
    'qqGGhn5wcGBPT0E5OR8WFqqhhoZ+cHBgT09BOTkfFhaqoYaGfnBwYE9PQTk5HxYWqqGGhn5wcGBPT0E5OR8WFqqhhoZ+cHBg',
    'T09BOTkfFhaqoYaGfnBwYE9PQTk5HxYWa21xcWJHR1VkZDwlJUlVVYGKp1QqEhAiQ0MaAgRKYGD///9YISEdAAAAAAAGAwAA',
    'IECgoHxAQIDAwIRgYMDg4CBAoKB8QECAwMCEYGDA4OAgQKCgfEBAgMDAhGBgwODgIECgoHxAQIDAwIRgYMDg4CBAoKB8QECA',
    'wMCEYGDA4OAgQKCgfEBAgMDAhGBgwODgRF6srIxYWIa0tIdsbKi8vICIoLKsmJWIkJCGgICAgICAgICksbGrgICAgICAgICA',
    'kHQgICYwMIDQ0Nrg4IxwcJB0ICAmMDCA0NDa4OCMcHCQdCAgJjAwgNDQ2uDgjHBwkHQgICYwMIDQ0Nrg4IxwcJB0ICAmMDCA',
    '0NDa4OCMcHCQdCAgJjAwgNDQ2uDgjHBwioBiYltOTm6Ojqu8vIh2doCKqLCki4poUFBugICAgICAgICRlpaTgICAgICAgICA',
  ].join(''),
  'base64',
);
