// Original file: proto/router.proto


export interface StatisticsRequest {
}

export interface StatisticsRequest__Output {
}
