// Original file: proto/global.proto


export interface ListPoliciesRequest {
}

export interface ListPoliciesRequest__Output {
}
