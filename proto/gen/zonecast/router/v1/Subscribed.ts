// Original file: proto/router.proto


export interface Subscribed {
}

export interface Subscribed__Output {
}
