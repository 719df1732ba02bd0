"""web3.py against a real node; the node's URL is in FEVM_RPC_URL."""

import json
import os
import unittest
from pathlib import Path

from eth_account import Account
from eth_account.messages import encode_defunct
from web3 import Web3
from web3.exceptions import ContractCustomError, ContractLogicError, ContractPanicError, TransactionNotFound

BUILD = Path(__file__).resolve().parents[2] / "build"
CHAIN_ID = 31415926
SUPPLY = 10**21


def artifact(name):
    return json.loads((BUILD / f"{name}.json").read_text())


class Web3Py(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.w3 = Web3(Web3.HTTPProvider(os.environ["FEVM_RPC_URL"]))
        cls.owner, cls.other = cls.w3.eth.accounts[:2]
        cls.token = cls.deploy("Token", "Python", "PY", SUPPLY, 2 * SUPPLY)

    @classmethod
    def deploy(cls, name, *args):
        parts = artifact(name)
        factory = cls.w3.eth.contract(abi=parts["abi"], bytecode=parts["bytecode"])
        receipt = cls.mined(factory.constructor(*args).transact({"from": cls.owner}))
        return cls.w3.eth.contract(address=receipt["contractAddress"], abi=parts["abi"])

    @classmethod
    def mined(cls, tx_hash):
        receipt = cls.w3.eth.wait_for_transaction_receipt(tx_hash, timeout=20, poll_latency=0.02)
        assert receipt["status"] == 1, receipt
        return receipt

    def test_network(self):
        self.assertTrue(self.w3.is_connected())
        self.assertEqual(self.w3.eth.chain_id, CHAIN_ID)
        self.assertEqual(self.w3.net.version, str(CHAIN_ID))
        self.assertGreater(self.w3.eth.get_balance(self.other), 9_999 * 10**18)
        self.assertIsInstance(self.w3.client_version, str)

    def test_views_code_and_storage(self):
        self.assertEqual(self.token.functions.name().call(), "Python")
        self.assertEqual(self.token.functions.totalSupply().call(), SUPPLY)
        compiled = bytes.fromhex(artifact("Token")["deployedBytecode"][2:])
        self.assertEqual(len(self.w3.eth.get_code(self.token.address)), len(compiled))
        self.assertEqual(int.from_bytes(self.w3.eth.get_storage_at(self.token.address, 2), "big"), SUPPLY)

    def test_transaction_and_events(self):
        receipt = self.mined(self.token.functions.transfer(self.other, 123).transact({"from": self.owner}))
        [event] = self.token.events.Transfer().process_receipt(receipt)
        self.assertEqual(event["args"]["value"], 123)
        found = self.token.events.Transfer().get_logs(
            from_block=receipt["blockNumber"], argument_filters={"to": self.other}
        )
        self.assertEqual([e["transactionHash"] for e in found], [receipt["transactionHash"]])

    def test_filters(self):
        counter = self.deploy("Counter")
        log_filter = counter.events.Changed.create_filter(from_block="latest")
        block_filter = self.w3.eth.filter("latest")
        self.mined(counter.functions.add(5).transact({"from": self.owner}))
        self.assertEqual([e["args"]["newValue"] for e in log_filter.get_new_entries()], [5])
        self.assertGreaterEqual(len(block_filter.get_new_entries()), 1)
        self.assertEqual(log_filter.get_new_entries(), [])

    def test_signed_by_the_client(self):
        account = Account.create()
        self.mined(self.w3.eth.send_transaction({"from": self.owner, "to": account.address, "value": 10**18}))
        transaction = {
            "to": self.other,
            "value": 7,
            "nonce": self.w3.eth.get_transaction_count(account.address),
            "chainId": CHAIN_ID,
            "gas": self.w3.eth.estimate_gas({"from": account.address, "to": self.other, "value": 7}),
            "maxFeePerGas": self.w3.eth.gas_price * 2,
            "maxPriorityFeePerGas": self.w3.eth.max_priority_fee,
        }
        signed = account.sign_transaction(transaction)
        receipt = self.mined(self.w3.eth.send_raw_transaction(signed.raw_transaction))
        self.assertEqual(receipt["from"], account.address)
        self.assertEqual(receipt["type"], 2)

    def test_signed_by_the_node(self):
        signature = self.w3.eth.sign(self.owner, text="python")
        self.assertEqual(Account.recover_message(encode_defunct(text="python"), signature=signature), self.owner)

    def test_reverts(self):
        reverts = self.deploy("Reverts")
        with self.assertRaises(ContractLogicError) as reason:
            reverts.functions.withReason().call()
        self.assertIn("Reverts: on purpose", str(reason.exception))
        with self.assertRaises(ContractCustomError):
            reverts.functions.withDetailedError(42).call()
        with self.assertRaises(ContractPanicError):
            reverts.functions.panicDivision(0).call()
        with self.assertRaises(ContractCustomError):
            self.token.functions.mint(self.other, 3 * SUPPLY).transact({"from": self.owner})

    def test_blocks_and_fees(self):
        latest = self.w3.eth.get_block("latest")
        self.assertEqual(self.w3.eth.get_block(latest["hash"])["number"], latest["number"])
        history = self.w3.eth.fee_history(2, "latest", [10, 50])
        self.assertEqual(len(history["baseFeePerGas"]), len(history["gasUsedRatio"]) + 1)
        with self.assertRaises(TransactionNotFound):
            self.w3.eth.get_transaction("0x" + "12" * 32)


if __name__ == "__main__":
    unittest.main()
