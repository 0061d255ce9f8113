// Original file: proto/router.proto


export interface EventsRequest {
}

export interface EventsRequest__Output {
}
