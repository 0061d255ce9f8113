/**
 * Runs in the page before its own scripts: a camera that shows a painted person instead of Chromium's test clock, for
 * the picture in the README. What is painted is encoded, routed and decoded like any camera's picture.
 */
export interface Portrait {
  wall: [string, string];
  skin: string;
  hair: string;
  clothes: string;
  longHair: boolean;
  glasses: boolean;
  seed: number;
}

export function installPaintedCamera(portrait: Portrait): void {
  const width = 960;
  const height = 540;
  const canvas = document.createElement('canvas');
  // Painted in the units above, sent in the size that the page itself asks cameras for.
  const scale = 4 / 3;
  Object.assign(canvas, { width: width * scale, height: height * scale });
  const context = canvas.getContext('2d');
  if (context === null) return;
  const pen = context;
  pen.scale(scale, scale);

  const disc = (x: number, y: number, radiusX: number, radiusY: number, colour: string) => {
    pen.fillStyle = colour;
    pen.beginPath();
    pen.ellipse(x, y, radiusX, radiusY, 0, 0, 2 * Math.PI);
    pen.fill();
  };

  function paintRoom(): void {
    const wall = pen.createLinearGradient(0, 0, width, height);
    wall.addColorStop(0, portrait.wall[0]);
    wall.addColorStop(1, portrait.wall[1]);
    pen.fillStyle = wall;
    pen.fillRect(0, 0, width, height);
    const light = pen.createRadialGradient(width * 0.2, 60, 20, width * 0.2, 60, 520);
    light.addColorStop(0, 'rgba(255, 244, 220, 0.5)');
    light.addColorStop(1, 'rgba(255, 244, 220, 0)');
    pen.fillStyle = light;
    pen.fillRect(0, 0, width, height);
    const shelf = portrait.seed % 2 === 0 ? 660 : 70;
    pen.fillStyle = 'rgba(40, 28, 20, 0.35)';
    pen.fillRect(shelf, 210, 230, 12);
    pen.fillRect(shelf, 350, 230, 12);
    for (let book = 0; book < 9; book++) {
      pen.fillStyle = `hsl(${(portrait.seed * 67 + book * 41) % 360} 32% 48%)`;
      const tall = 62 + ((book * 29 + portrait.seed * 13) % 36);
      pen.fillRect(shelf + 12 + book * 23, 210 - tall, 18, tall);
      if (book % 2 === 0) pen.fillRect(shelf + 20 + book * 22, 350 - tall * 0.8, 17, tall * 0.8);
    }
  }

  function paintPerson(sway: number): void {
    const x = width / 2 + sway;
    const y = 245;
    if (portrait.longHair) {
      disc(x, y + 10, 128, 150, portrait.hair);
      pen.fillStyle = portrait.hair;
      pen.fillRect(x - 122, y + 10, 244, 190);
    }
    pen.fillStyle = portrait.clothes;
    pen.beginPath();
    pen.moveTo(x - 260, height);
    pen.bezierCurveTo(x - 250, 420, x - 150, 400, x, 396);
    pen.bezierCurveTo(x + 150, 400, x + 250, 420, x + 260, height);
    pen.fill();
    pen.fillStyle = portrait.skin;
    pen.fillRect(x - 40, y + 70, 80, 80);
    disc(x, y + 152, 46, 26, portrait.skin);
    disc(x, y + 24, 84, 112, 'rgba(30, 16, 8, 0.16)');
    disc(x, y, 98, 122, portrait.skin);
    pen.fillStyle = portrait.hair;
    pen.beginPath();
    pen.ellipse(x, y - 30, 108, 106, 0, Math.PI, 2 * Math.PI);
    pen.bezierCurveTo(x + 80, y - 72, x - 20, y - 60, x - 108, y - 30);
    pen.fill();
    paintFace(x, y);
  }

  function paintFace(x: number, y: number): void {
    for (const side of [-1, 1]) {
      disc(x + side * 38, y + 6, 9, 11, '#2b2320');
      disc(x + side * 41, y + 2, 3, 3, '#fff');
    }
    pen.strokeStyle = '#2b2320';
    pen.lineCap = 'round';
    pen.lineWidth = 5;
    pen.beginPath();
    pen.arc(x, y + 36, 36, 0.2 * Math.PI, 0.8 * Math.PI);
    pen.stroke();
    if (!portrait.glasses) return;
    pen.lineWidth = 6;
    pen.beginPath();
    pen.roundRect(x - 74, y - 24, 64, 56, 22);
    pen.roundRect(x + 10, y - 24, 64, 56, 22);
    pen.moveTo(x - 10, y);
    pen.lineTo(x + 10, y);
    pen.stroke();
  }

  function paint(): void {
    const nowMs = performance.now();
    paintRoom();
    paintPerson(Math.sin(nowMs / 900 + portrait.seed) * 12);
  }

  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wishes) => {
    const stream = wishes?.audio ? await open({ audio: wishes.audio }) : new MediaStream();
    if (!wishes?.video) return stream;
    paint();
    setInterval(paint, 100);
    for (const track of canvas.captureStream(10).getVideoTracks()) stream.addTrack(track);
    return stream;
  };
}
