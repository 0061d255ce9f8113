// Original file: proto/meetings.proto


export interface Settings {
  'locked'?: (boolean);
  'waitingRoom'?: (boolean);
  'joinBeforeHost'?: (boolean);
  'unmuteSelf'?: (boolean);
  'shareBy'?: (string);
  'chat'?: (string);
  'renameSelf'?: (boolean);
  '_locked'?: "locked";
  '_waitingRoom'?: "waitingRoom";
  '_joinBeforeHost'?: "joinBeforeHost";
  '_unmuteSelf'?: "unmuteSelf";
  '_shareBy'?: "shareBy";
  '_chat'?: "chat";
  '_renameSelf'?: "renameSelf";
}

export interface Settings__Output {
  'locked'?: (boolean);
  'waitingRoom'?: (boolean);
  'joinBeforeHost'?: (boolean);
  'unmuteSelf'?: (boolean);
  'shareBy'?: (string);
  'chat'?: (string);
  'renameSelf'?: (boolean);
  '_locked'?: "locked";
  '_waitingRoom'?: "waitingRoom";
  '_joinBeforeHost'?: "joinBeforeHost";
  '_unmuteSelf'?: "unmuteSelf";
  '_shareBy'?: "shareBy";
  '_chat'?: "chat";
  '_renameSelf'?: "renameSelf";
}
