// Original file: proto/router.proto


export interface Empty {
}

export interface Empty__Output {
}
