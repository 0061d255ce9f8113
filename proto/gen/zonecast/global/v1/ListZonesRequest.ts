// Original file: proto/global.proto


export interface ListZonesRequest {
}

export interface ListZonesRequest__Output {
}
