/**
 * A VP8 picture (160 × 90: the word "zone" on a gradient) and an inter frame that changes nothing of it, encoded by
 * Chromium 156's WebCodecs. The inter frame may follow the key frame and itself any number of times: 300 repetitions
 * decode to the same picture, bit by bit.
 */

export const VP8_KEY_FRAME: Uint8Array = decode(
  '8C4AnQEqoABaAABHCIWFiJmEiAGiHbSmFXFXzJjvI+Y/r/0zfOZZv8vxdNF+e1sB9pvAA/qR/ht0D+vf7K+1j+pPYA/zv+59cB6HH6k+lt+y' +
    'nwlftd+2vsyXjh+S/Ej9q+246uenf7G9m7YD2uXln4Y/th/ofYc/CD8buUQ/g/8q/Er9xv7xnQHyj+q/lN/dv2S9gH9g5Bv8g/ov5I/0X//9' +
    'ElQE/jP8z/xX9b/o/+r/uHvu/wf+D/aT+ke1/5g/y/5b/2b7Bv5L/LP69/Wv2b/uf//8QH7Hewx+mvtt7h9WgKL/EmghBEoOPqm8i1WQHGfN' +
    'zOhwJ+tQdHUtnjhIggFtx39+/v35aAyxwUH48MwHnKKGdnhvN7oCynWVVnnwwBHSQVRrU3PM8BQ9r2veL6rVrX8rz6TJY0otpLUGnGXcGckp' +
    'FLGUa99TX56C1pMDG5dduiRiSfs4za/igxAm/B1Mm28dWAwD79+/sLX5uYydApaNc9LcHsxw+KoRPO/cAP7+fgf2zyTf84T5UorX//gWf7PM' +
    '/xvO94P/1LPPXHDSZIgJzGDLYbHI/EKQVyUauimIaoxMCOym515K2ilXYMNTAuVV80zlWv7kb2R8+VtJ6mnSURcZEHaVfmZ7+U8R3EXBSrQ4' +
    'bYrQPcPaq1/YcVhkq4pXLz+Rxet2omKn23H2HWhu2KGPzXYOXWCQNhWjFRvKF8zA8U78LHx2GHFDT1g5TDi3vvPmzU8IkMFWaWMLVL/kz3Wf' +
    'AWzGoUgbymzLvjAYWBqJ+8IrNGWDYZifezllzm9TktH+bzPT+KuZnkwh/4VjGoHX8sgMK8qloGNZyk4sc0qhhj//rcbJzV93wYaiHz8c/3D2' +
    'Q6LzEAX3tTAvs0SVHfUo8nahV4vthv4ZlG1U3A4SOw/ptO6F54pXK5XfecNfKNlRewCpJe8ICr+u+0Cjt8s+W5IoKbBxBz5pwttvL7K3yLCp' +
    'xpLzpadH7DsLNF4FBk9gvgpxQ3vtdn6Ah2dZdrTf96BWXuzQoslb82ahMivYya5z0R1meODOYXuAk1fJSmOLTObJ6HWVtigwuuA7ysQ/WATs' +
    't/+eFOdJ3H0fuhZe7PJDAef31aS33b4wwLouEKAOUtUuZ3/AiKbGpT//+OosvDHfFTtaiN/n3ltK/oM1ZDrF7szhv/V+5OVhQyZ1us5Ijob9' +
    '0IDcuPoDPfAp72ohi9aJKdcEKGJ5uuQ/n0W9A42GpJjBxSpYqkGiIsne/yTA+fQ/QYR8eBOoea+cLx2Eedf2qhOfhKS4FpwCNSrSy4MWFmwq' +
    'IG0WrMz2DStIc5BHmBKMBaCIyfZnMdd6qKtqCsTWCRSas+d/9Zx/+hNntmoMaKMJf20AOesR8SoB/4h+prWlH2wYVvMyaSjlKub1Jz8bYbAp' +
    'fHl33/2RNuoYv0g0Wmoka6N1PAWnP/IHhGTB09KRFRO0jVp94Uker8VnzMuc65oCtcQkY+OPXza0MbUBhhz/KAemnrdbO4tC/XmQRkWcd5Hq' +
    'gdvKVNCGHfsOYDGi92JOa1Zegl8pA49h7q6IQdBofvWWsB+9RXT1/aLTH/8KRwi1ALGrsNeJFYP/Eob29RgoyrqZ0wT945YO5CYrtX2yt3kZ' +
    'Y+VnYS2OR0rZd1zlXqVsfBLWkAcozoZB136kI0FsL86QZzjt7YYOtD2A5nqg/lRLjYysacmE29gaWCTT/8JXlIL+t5+///Fr/+semrbthw57' +
    'M72WD6KkTbAV/5ZqSgcq0G4IevhdjRb0Vv4oDDg28W9xTJe1W0Y9CuKHSM19TbSrX8p0WwrjqOWJGE1nMRV/jUQA1dIIkuWTrfB3Z1fy1sf/' +
    '+KrponwJLpUMhEjeNNlNgP3qbJpixvXuUpoFfkq+50AiTzS3tjn6XexNRWwJbP66kBJZ/F83fXqnt4jgFV9ouw6MTtBNIwpZZA6qe9fZf2dE' +
    'mL8/4+ogfFeXfzknnTl+csYCEOBG2b5n2jHY16VCHJlllmG8pFsXVmSAyfEeyBUJ03bdGRxGOzLa/6Ms4rK0vaBFt0j3F6JUVo//80bD8C1m' +
    'PbDI60KK2af//So9s9Y0SUShEBiOQab6N+k6TbW15ambETbjFM3dEKqIprIaEW2Dv/0POXIuV8GLZr0oX/tcYd3oDOEYbVAs6HrGInwSthPS' +
    'CCyloHCGmrRufiVvvXisPzKuFReQ1V49jGw0zgyvn//PXzJjq9cJnQni2jS31ssJn5uVbE/3KCTQwIy0NsdKmQtz7FgxV9I77IxBrmwqu/pW' +
    'b6tJE6D9bdhppBHp7ZQlK1fMKNorAHmm/UsaB+yVrtk9pjnZpJy8VPNf/n1zeOVo+fg+xr8r1s5Q3UycR/4GVs9MbdM6giUco6AFMJAn4hAb' +
    'b61V9nPvnViPUZtwwQsyST0JhcoBXVx5NS5zaM/2wN66iMRREfNJn5wuMRO2TVrkzlt8J6EdlBqELqKFYBVxkWViX7iUpL1j2DL8WYK8nSt9' +
    'rZrsytnD5iAK7uRI/HWAi/Bpu9lcyP309xPyk5X/cn9fSScgZzb6uUH/R8MRDKcIcSvgtmT0SntGMCu4XrU8PntrpIzCBZHZE8VGEZwBDZBS' +
    'SLxRJ9u3H+Yj/d8fwJIiVy/0YhBvHkHZNAT6gOm8+QCH4PiuSxuR7S0pvLl6yX0OHE2vfxP7fWBVHg/OyxjjvbcKjjKtceZtNmj+derub64u' +
    'n2lzXeGOeNbdq0VdfVJnbvwkhyzCSikFhPhqzZpqw/y0CJAbrRK6aUChau8N4eaAeFEbqPVezUjygKz3bgjwbkH1IMQfXMZk8ZWU0zUOYRNu' +
    'uOev40zpIPBbBnj9a8BGHZrZ6BtEZM7w7/LnnOvcpqDbFeFzA2QljFpd+vIBB1TCbFS5ps7BOXYp/RiUTCCyjqIk7UzXE0Bd2qA=',
);

export const VP8_INTER_FRAME: Uint8Array = decode('EQIAAhBUABgAGFgv9AAIgIEAAAA=');

function decode(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}
