// Original file: proto/meetings.proto


export interface DeleteReply {
}

export interface DeleteReply__Output {
}
