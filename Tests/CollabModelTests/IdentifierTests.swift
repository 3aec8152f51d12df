import CollabModel
import Testing

@Suite struct IdentifierTests {
    @Test func theTextFormIsReadInEitherCaseAndWrittenInLowerCase() throws {
        let id = try #require(Identifier128("0123ABCD-4567-89ef-FEDC-ba9876543210"))
        #expect(id.high == 0x0123_ABCD_4567_89EF)
        #expect(id.low == 0xFEDC_BA98_7654_3210)
        #expect(id.description == "0123abcd-4567-89ef-fedc-ba9876543210")
        #expect(
            id.bytes == [
                0x01, 0x23, 0xAB, 0xCD, 0x45, 0x67, 0x89, 0xEF, 0xFE, 0xDC, 0xBA, 0x98, 0x76, 0x54, 0x32, 0x10,
            ])
    }

    @Test(arguments: [
        "", "0123abcd", "0123abcd-4567-89ef-fedc-ba987654321", "0123abcd-4567-89ef-fedc-ba98765432100",
        "0123abcd04567-89ef-fedc-ba9876543210", "0123abcd-4567-89ef-fedc-ba987654321g",
        "{123abcd-4567-89ef-fedc-ba987654321}",
    ])
    func anythingElseIsRefused(_ text: String) {
        #expect(Identifier128(text) == nil)
    }

    @Test func randomIdentifiersAreOfVersion4() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<100 {
            let text = Identifier128.random(using: &generator).description
            #expect(Array(text)[14] == "4")
            #expect("89ab".contains(Array(text)[19]))
            #expect(Identifier128(text)?.description == text)
        }
    }

    @Test func idsThatAStoreWouldRefuseCannotBeMade() {
        #expect(OperationID("") == nil)
        #expect(OperationID("a\u{0}b") == nil)
        #expect(OperationID(String(repeating: "x", count: OperationID.maximumBytes)) != nil)
        #expect(OperationID(String(repeating: "x", count: OperationID.maximumBytes + 1)) == nil)
        #expect(UserID(String(repeating: "é", count: 100)) != nil)
        #expect(UserID(String(repeating: "é", count: 101)) == nil)
        #expect(NodeID("node-1") != nil)
        #expect(NodeID("node 1") == nil)
        #expect(NodeID("") == nil)
    }

    @Test func connectionNumbersGrowAcrossOwners() {
        #expect(ConnectionNumber(epoch: Epoch(1), ordinal: .max) < ConnectionNumber(epoch: Epoch(2), ordinal: 1))
        #expect(ConnectionNumber(epoch: Epoch(2), ordinal: 1) < ConnectionNumber(epoch: Epoch(2), ordinal: 2))
    }

    @Test func permissionsIncludeTheOnesBelow() {
        #expect(Permission.view < .edit)
        #expect(Permission.edit < .admin)
        for permission in Permission.allCases { #expect(Permission(permission.description) == permission) }
        #expect(Permission("owner") == nil)
    }
}
