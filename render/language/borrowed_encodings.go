package language

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base32"
	"encoding/base64"
	"reflect"
)

func borrowedEncodings(sprig map[string]any) []borrowed {
	const every = "Defined for every text."
	return []borrowed{
		defined("b64enc", nil, every, `{{ b64enc "" }}`, ""),
		defined("b32enc", nil, every, `{{ b32enc "" }}`, ""),
		fails("b64dec", func(text string) (string, error) {
			out, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				return "", cannotTake("b64dec", text, "base64", "")
			}
			return string(out), nil
		}, "Fails for what is not base64.", `{{ b64dec "rubbish!" }}`),
		fails("b32dec", func(text string) (string, error) {
			out, err := base32.StdEncoding.DecodeString(text)
			if err != nil {
				return "", cannotTake("b32dec", text, "base32", "")
			}
			return string(out), nil
		}, "Fails for what is not base32.", `{{ b32dec "rubbish!" }}`),
		defined("sha1sum", nil, every, `{{ sha1sum "" | trunc 8 }}`, "da39a3ee"),
		defined("sha256sum", nil, every, `{{ sha256sum "" | trunc 8 }}`, "e3b0c442"),
		defined("sha512sum", nil, every, `{{ sha512sum "" | trunc 8 }}`, "cf83e135"),
		defined("adler32sum", nil, every, `{{ adler32sum "" }}`, "1"),
		fails("derivePassword", func(counter uint32, kind, password, user, site string) (string, error) {
			switch kind {
			case "maximum", "long", "medium", "short", "basic", "pin":
				own := sprig["derivePassword"].(func(uint32, string, string, string, string) string)
				return own(counter, kind, password, user, site), nil
			}
			return "", cannotTake("derivePassword", kind, "maximum, long, medium, short, basic or pin", "")
		}, "Fails for a kind of password that there is not.", `{{ derivePassword 1 "no" "password" "user" "example.com" }}`),
		fails("buildCustomCert", customCert(sprig), "Fails for what is not base64 of a certificate and of its key.", `{{ (buildCustomCert "a" "b").Cert }}`),
		fails("decryptAES", decryptAES, "Fails for what is not base64 of something that was encrypted with this password; one wrong password of 256 is not found out.", `{{ decryptAES "secret" "c2hvcnQ=" }}`),
	}
}

// decryptAES is the reverse of sprig's encryptAES: AES-256 in CBC mode, an initial vector
// before it and padding (PKCS #7) after it. The padding is all that tells a wrong password.
func decryptAES(password, text string) (string, error) {
	if text == "" {
		return "", nil
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(data) < 2*aes.BlockSize || len(data)%aes.BlockSize != 0 {
		return "", refuse("", "decryptAES cannot take what is not base64 of something that encryptAES has made")
	}
	key := make([]byte, 32)
	copy(key, password)
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", err
	}
	iv, data := data[:aes.BlockSize], data[aes.BlockSize:]
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(data, data)
	padding := int(data[len(data)-1])
	if padding < 1 || padding > aes.BlockSize {
		return "", refuse("", "decryptAES cannot decrypt its text: it was not encrypted with this password")
	}
	for _, b := range data[len(data)-padding:] {
		if int(b) != padding {
			return "", refuse("", "decryptAES cannot decrypt its text: it was not encrypted with this password")
		}
	}
	return string(data[:len(data)-padding]), nil
}

// customCert wraps sprig's buildCustomCert, whose type has no name outside of sprig.
func customCert(sprig map[string]any) func(string, string) (any, error) {
	own := reflect.ValueOf(sprig["buildCustomCert"])
	return func(cert, key string) (any, error) {
		out := own.Call([]reflect.Value{reflect.ValueOf(cert), reflect.ValueOf(key)})
		if !out[1].IsNil() {
			return nil, refuse("", "buildCustomCert cannot take its texts: expected a certificate and its key, each in PEM and that in base64")
		}
		return out[0].Interface(), nil
	}
}
